import { UserError } from "../core/errors";
import { type VaultClient, VaultFailure } from "../vault/client";
import { secretAnswer } from "../vault/schemas";

/** The content of `secret/openrouter`. */
export interface StoredSecret {
  /** Exactly as stored, with blanks and quotes. */
  readonly key: string;
  readonly version: number;
  readonly created: Date;
}

/**
 * Reads the current version of the key.
 * @throws UserError if there is no current version, or it has no text in `api_key`
 */
export async function readSecret(reader: VaultClient): Promise<StoredSecret> {
  try {
    const { data } = await reader.call({ path: "secret/data/openrouter" }, secretAnswer);
    const key = data.data?.api_key;
    if (data.data === null) throw missing("its current version was deleted");
    if (typeof key !== "string") throw missing("no text in the field api_key");
    return { key, version: data.metadata.version, created: new Date(data.metadata.created_time) };
  } catch (error) {
    const status = error instanceof VaultFailure ? error.status : undefined;
    // Vault also answers 404 for a deleted version, with its metadata and no reason.
    if (status === 404) throw missing("no version, or a deleted one");
    if (status !== 403) throw error;
    const got = "Vault refuses the reader (403): its policy differs from the declared one";
    throw missing(got, "openclaw-openrouter up");
  }
}

function missing(got: string, fix = "openclaw-openrouter up --key-file FILE"): UserError {
  const problem = "secret/openrouter does not contain the key.";
  return new UserError({ problem, got, expected: "the field api_key", fix });
}
