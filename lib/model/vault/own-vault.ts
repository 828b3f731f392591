/**
 * Objects that bootstrap writes into an instance's own Vault besides the identities. The second stack imports and reads them.
 */

/**
 * The audit device, which logs who read the key. It writes to standard output: a file on a tmpfs would fill, and Vault refuses
 * calls that it cannot log.
 */
export const auditDevice = {
  path: "file",
  type: "file",
  description: "",
  options: { file_path: "stdout" },
} as const;

/** The key-value store of the key and of the user's other secrets. */
export const secretMount = {
  path: "secret",
  type: "kv",
  description: "Key-value secrets, version 2",
  options: { version: "2" },
} as const;

/** The auth method of the identities. */
export const approleMount = { path: "approle", type: "approle", description: "" } as const;

/** The auth method of tokens, which Vault itself makes. */
export const tokenMount = { path: "token", type: "token", description: "token based credentials" } as const;

/** The request headers that Vault writes unhashed into its audit log by default. */
export const auditedHeaders: readonly string[] = ["correlation-id", "user-agent", "x-correlation-id"];
