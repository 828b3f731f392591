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

const deploy = "openclaw-openrouter up --key-file FILE";

/**
 * Reads the current version of the key.
 * @throws UserError if there is no current version, or it has no text in `api_key`
 */
export async function readSecret(reader: VaultClient): Promise<StoredSecret> {
  const { data } = await readData(reader);
  const key = data.data?.api_key;
  if (data.data === null) throw missing("its current version was deleted", deploy);
  if (typeof key !== "string") throw missing("no text in the field api_key", deploy);
  return { key, version: data.metadata.version, created: new Date(data.metadata.created_time) };
}

async function readData(reader: VaultClient) {
  try {
    return await reader.call({ path: "secret/data/openrouter" }, secretAnswer);
  } catch (error) {
    if (!(error instanceof VaultFailure)) throw error;
    // Vault also answers 404 for a deleted version, with its metadata and no reason.
    if (error.status === 404) throw missing("no version, or a deleted one", deploy);
    if (error.status === 403) {
      throw missing(
        "Vault refuses the reader (403): its policy differs from the declared one",
        "openclaw-openrouter up",
      );
    }
    throw error;
  }
}

function missing(got: string, fix: string): UserError {
  return new UserError({
    problem: "secret/openrouter does not contain the key.",
    got,
    expected: "the field api_key",
    fix,
  });
}
