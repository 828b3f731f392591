import { UserError } from "../core/errors";
import { type VaultClient, VaultFailure } from "../vault/client";
import { secretAnswer } from "../vault/schemas";

/** What `secret/openrouter` holds. */
export interface StoredSecret {
  /** As stored, blanks and quotes included. */
  readonly key: string;
  readonly version: number;
  readonly created: Date;
}

const deploy = "openclaw-openrouter up --key-file FILE";

/**
 * Reads the present version of the key.
 * @throws UserError where there is none, or no such field
 */
export async function readSecret(reader: VaultClient): Promise<StoredSecret> {
  const { data } = await readData(reader);
  const key = data.data?.api_key;
  if (data.data === null) throw missing("its present version was deleted", deploy);
  if (typeof key !== "string") throw missing("no field api_key that is text", deploy);
  return { key, version: data.metadata.version, created: new Date(data.metadata.created_time) };
}

async function readData(reader: VaultClient) {
  try {
    return await reader.call({ path: "secret/data/openrouter" }, secretAnswer);
  } catch (error) {
    if (!(error instanceof VaultFailure)) throw error;
    // Vault answers 404 for a deleted version as well, with its metadata and no reason.
    if (error.status === 404) throw missing("no version of it, or a deleted one", deploy);
    if (error.status === 403) {
      throw missing("the reader may not read it (403): its policy is another one", "openclaw-openrouter up");
    }
    throw error;
  }
}

function missing(got: string, fix: string): UserError {
  return new UserError({
    problem: "secret/openrouter does not give the key.",
    got,
    expected: "the field api_key",
    fix,
  });
}
