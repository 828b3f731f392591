import { sha256 as digest } from "../core/fingerprint";
import type { HomePaths } from "../model/home-paths";
import type { IdentityName } from "../model/vault/identities";
import { ifRefused, type VaultClient } from "../vault/client";
import { logIn } from "../vault/log-in";
import { findSecret, type StoredSecret } from "../vault/secret-store";

/** What `secret/openrouter` holds. */
export interface StoredKey extends Omit<StoredSecret, "fields"> {
  /** The names of the fields of a secret without a key. */
  readonly otherFields?: readonly string[];
}

/**
 * Reads the key as the reader, like OpenClaw.
 * @returns undefined if there is no such secret, or the reader cannot log in yet
 */
export async function readStoredKey(vault: VaultClient, home: HomePaths): Promise<StoredKey | undefined> {
  return readAs("reader", vault, home);
}

/**
 * Reads the key also if the reader cannot, for example without its policy, which a deploy makes again: then as the auditor.
 * @returns undefined if there is no such secret, or neither can read it
 */
export async function findStoredKey(vault: VaultClient, home: HomePaths): Promise<StoredKey | undefined> {
  return (await readAs("reader", vault, home)) ?? readAs("auditor", vault, home);
}

async function readAs(
  identity: IdentityName,
  vault: VaultClient,
  home: HomePaths,
): Promise<StoredKey | undefined> {
  const client = await logIn(vault, home, identity);
  return client && readKey(client);
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
  if (!found) return undefined;
  const { fields, ...stored } = found;
  return stored.key === undefined ? { ...stored, otherFields: Object.keys(fields) } : stored;
}
