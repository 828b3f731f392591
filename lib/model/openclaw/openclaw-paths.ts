import { join } from "node:path";

/** The names of the managed files in OpenClaw's folder, and of the user's files that refer to them. */
export const openclawNames = {
  guide: "config.json",
  gateway: "openclaw.json",
  fragment: "openrouter.json5",
  /** The managed folder; it holds the following files. */
  own: "openclaw-openrouter",
  /** With this extension, Node never takes it for an ES module, whatever package.json is near it. */
  resolver: "resolver.cjs",
  roleId: "role_id",
  secretId: "secret_id",
  listenerUid: "listener_uid",
  vaultCa: "vault-ca.pem",
} as const;

/** The paths of the managed files in OpenClaw's folder, and of the user's files that refer to them. */
export function openclawPaths(folder: string) {
  const own = join(folder, openclawNames.own);
  return {
    /** The setup guide's file. */
    guide: join(folder, openclawNames.guide),
    /** The gateway's configuration, JSON5: it belongs to the user. */
    gateway: join(folder, openclawNames.gateway),
    fragment: join(folder, openclawNames.fragment),
    /** The managed folder. */
    own,
    /** The program that the gateway runs to get the key. */
    resolver: join(own, openclawNames.resolver),
    roleId: join(own, openclawNames.roleId),
    secretId: join(own, openclawNames.secretId),
    /** The user of Vault's listener, if Vault serves plain HTTP. */
    listenerUid: join(own, openclawNames.listenerUid),
    /** A copy of the CA certificates that verify Vault, if it serves TLS: the declared file can belong to another user. */
    vaultCa: join(own, openclawNames.vaultCa),
  };
}
