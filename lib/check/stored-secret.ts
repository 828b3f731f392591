import { UserError } from "../core/errors";
import { ifRefused, type VaultClient } from "../vault/client";
import { findSecret } from "../vault/secret-store";

/** The content of the secret with the key. */
export interface StoredSecret {
  /** Exactly as stored, with blanks and quotes. */
  readonly key: string;
  readonly version: number;
  readonly created: Date;
  /** When Vault deletes it, ISO 8601; empty: never. */
  readonly ends: string;
}

/**
 * Reads the current version of the key.
 * @throws UserError if there is no current version, or it has no text in `api_key`
 */
export async function readSecret(reader: VaultClient): Promise<StoredSecret> {
  const { keyPath } = reader;
  const refused = () => {
    const got = "Vault refuses the reader (403): its policy differs from the declared one";
    throw missing(keyPath, got, "openclaw-openrouter up");
  };
  const found = await findSecret(reader).catch(ifRefused(403, refused));
  if (!found) throw missing(keyPath, "no version, or a deleted one");
  const { key, version, created, ends, fields } = found;
  if (key === undefined)
    throw missing(
      keyPath,
      `no text in the field api_key; its fields: ${Object.keys(fields).join(", ") || "none"}`,
    );
  return { key, version, created: new Date(created), ends };
}

function missing(path: string, got: string, fix = "openclaw-openrouter up --key-file FILE"): UserError {
  const problem = `${path} does not contain the key.`;
  return new UserError({ problem, got, expected: "the field api_key", fix });
}
