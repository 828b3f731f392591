import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { type VaultClient, VaultFailure } from "../vault/client";
import { logIn } from "../vault/credentials";
import { secretAnswer } from "../vault/schemas";

/** What `secret/openrouter` holds. */
export interface StoredKey {
  /** Undefined where the present version was deleted or destroyed, or has no such field. */
  readonly key: string | undefined;
  readonly version: number;
  /** ISO 8601. */
  readonly created: string;
}

/**
 * Reads the key as the reader, which is how OpenClaw reads it.
 * @returns undefined where there is no such secret, or the reader cannot log in yet
 */
export async function readStoredKey(vault: VaultClient, home: HomePaths): Promise<StoredKey | undefined> {
  const reader = await logIn(vault, home, "reader");
  if (!reader) return undefined;
  try {
    const { data } = await reader.call({ path: "secret/data/openrouter" }, secretAnswer);
    const { version, created_time: created } = data.metadata;
    return { key: z.string().safeParse(data.data?.api_key).data, version, created };
  } catch (error) {
    // 404: never written, or its present version deleted. 403: the mount is not there yet.
    if (error instanceof VaultFailure && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}
