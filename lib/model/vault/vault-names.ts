/** What an instance's part of a Vault is called: several instances can use the same external Vault. */
export interface VaultNames {
  /** How the names of its policies and roles begin, such as `openclaw-default-3f2a91c4`. */
  readonly prefix: string;
  /** The path of the secret with the key, as people write it: `secret/openrouter`. */
  readonly keyPath: string;
}

/** The names of the setup guide, which an instance has in a Vault of its own. */
export const guideNames: VaultNames = { prefix: "openclaw", keyPath: "secret/openrouter" };

/** The names in the Vault at a place: the setup guide's, unless it is external. */
export function namesAt({ external }: { readonly external?: VaultNames | undefined }): VaultNames {
  return external ?? guideNames;
}

/**
 * How the names of an instance begin in an external Vault.
 * @param id the instance's id; undefined before its directory is made: nothing of it is in Vault then
 */
export function prefixOf(instance: string, id: string | undefined): string {
  return [guideNames.prefix, instance, ...(id ? [id.slice(0, 8)] : [])].join("-");
}

/** The calls of the key-value store, version 2, each a part of the API's path. */
type SecretCall = "data" | "metadata" | "delete" | "undelete" | "destroy";

/** The API's path to a secret. @param path as people write it: `secret/openrouter` is `secret/data/openrouter` */
export function secretApiPath(call: SecretCall, path: string): string {
  return path.replace("/", `/${call}/`);
}
