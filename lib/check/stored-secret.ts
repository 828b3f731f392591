import { UserError } from "../core/errors";
import { ifRefused, type VaultClient } from "../vault/client";
import { findSecret } from "../vault/secret-store";

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
  const found = await findSecret(reader).catch(
    ifRefused(403, () => {
      throw missing(
        "Vault refuses the reader (403): its policy differs from the declared one",
        "openclaw-openrouter up",
      );
    }),
  );
  if (!found) throw missing("no version, or a deleted one", deploy);
  const { key, version, created } = found;
  if (key === undefined) throw missing("no text in the field api_key", deploy);
  return { key, version, created: new Date(created) };
}

function missing(got: string, fix: string): UserError {
  return new UserError({
    problem: "secret/openrouter does not contain the key.",
    got,
    expected: "the field api_key",
    fix,
  });
}
