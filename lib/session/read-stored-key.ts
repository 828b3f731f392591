import { sha256 as digest } from "../core/fingerprint";
import type { HomePaths } from "../model/home-paths";
import { ifRefused, type VaultClient } from "../vault/client";
import { logIn } from "../vault/log-in";
import { findSecret, type StoredSecret } from "../vault/secret-store";

/** What `secret/openrouter` holds. */
export type StoredKey = Omit<StoredSecret, "fields">;

/**
 * Reads the key as the reader, like OpenClaw.
 * @returns undefined if there is no such secret, or the reader cannot log in yet
 */
export async function readStoredKey(vault: VaultClient, home: HomePaths): Promise<StoredKey | undefined> {
  const reader = await logIn(vault, home, "reader");
  return reader && readKey(reader);
}

/**
 * Finds a key in the versions of the secret, the newest first.
 * @param sha256 the SHA-256 of the key
 * @returns undefined if no kept version holds it
 */
export async function findEarlierKey(
  vault: VaultClient,
  home: HomePaths,
  sha256: string,
): Promise<string | undefined> {
  const reader = await logIn(vault, home, "reader");
  const newest = reader && (await readKey(reader));
  if (!newest) return undefined;
  // Vault keeps 10 versions of a secret by default.
  for (let version = newest.version; version > Math.max(0, newest.version - versionsKept); version--) {
    const { key } = (await readKey(reader, version)) ?? {};
    if (key && digest(key) === sha256) return key;
  }
  return undefined;
}

const versionsKept = 10;

/** Reads the key with a client that is allowed to. @returns undefined if there is no such secret */
export async function readKey(reader: VaultClient, version?: number): Promise<StoredKey | undefined> {
  // Refused: the mount does not exist yet.
  const found = await findSecret(reader, version).catch(ifRefused(403, () => undefined));
  return found && { key: found.key, version: found.version, created: found.created };
}
