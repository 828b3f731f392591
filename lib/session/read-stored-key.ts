import { z } from "zod";
import { sha256 as digest } from "../core/fingerprint";
import type { HomePaths } from "../model/home-paths";
import { type VaultClient, VaultFailure } from "../vault/client";
import { logIn } from "../vault/log-in";
import { secretAnswer } from "../vault/schemas";

/** What `secret/openrouter` holds. */
export interface StoredKey {
  /** Undefined where the present version was deleted or destroyed, or has no such field. */
  readonly key: string | undefined;
  readonly version: number;
  /** When that version was written, ISO 8601. */
  readonly created: string;
}

/**
 * Reads the key as the reader, which is how OpenClaw reads it.
 * @returns undefined where there is no such secret, or the reader cannot log in yet
 */
export async function readStoredKey(vault: VaultClient, home: HomePaths): Promise<StoredKey | undefined> {
  const reader = await logIn(vault, home, "reader");
  return reader && readKey(reader);
}

/**
 * Looks for a key among the earlier versions of the secret, the newest first.
 * @param sha256 of the key
 * @returns undefined where no version that is kept holds it
 */
export async function findEarlierKey(
  vault: VaultClient,
  home: HomePaths,
  sha256: string,
): Promise<string | undefined> {
  const reader = await logIn(vault, home, "reader");
  const newest = reader && (await readKey(reader));
  if (!newest) return undefined;
  // Vault keeps ten versions of a secret, unless it was told otherwise.
  for (let version = newest.version; version > Math.max(0, newest.version - versionsKept); version--) {
    const { key } = (await readKey(reader, version)) ?? {};
    if (key && digest(key) === sha256) return key;
  }
  return undefined;
}

const versionsKept = 10;

/** As whoever may read it. @returns undefined where there is no such secret */
export async function readKey(reader: VaultClient, version?: number): Promise<StoredKey | undefined> {
  const path = `secret/data/openrouter${version === undefined ? "" : `?version=${version}`}`;
  try {
    const { data } = await reader.call({ path }, secretAnswer);
    const { version, created_time: created } = data.metadata;
    return { key: z.string().safeParse(data.data?.api_key).data, version, created };
  } catch (error) {
    // 404: never written, or its present version deleted. 403: the mount is not there yet.
    if (error instanceof VaultFailure && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}
