/** What bootstrap writes into a Vault of the instance's own beside the identities. The second stack imports and reads it. */

/** Tells who read the key. To standard output: a file on a tmpfs would fill, and Vault takes no call that it cannot log. */
export const auditDevice = {
  path: "file",
  type: "file",
  description: "",
  options: { file_path: "stdout" },
} as const;

/** The key-value store in which the key lies, beside all other secrets of the user. */
export const secretMount = {
  path: "secret",
  type: "kv",
  description: "Key-value secrets, version 2",
  options: { version: "2" },
} as const;

/** The auth method by which the identities log in. */
export const approleMount = { path: "approle", type: "approle", description: "" } as const;

/** The request headers that Vault itself writes into its audit log in the clear. */
export const auditedHeaders: readonly string[] = ["correlation-id", "user-agent", "x-correlation-id"];
