import { join } from "node:path";

/** The names of everything of ours in OpenClaw's folder, and of what it is joined to. */
export const openclawNames = {
  guide: "config.json",
  gateway: "openclaw.json",
  fragment: "openrouter.json5",
  /** The folder that is ours alone; the following lie in it. */
  own: "openclaw-openrouter",
  /** Its ending keeps Node from taking it for an ES module, whatever lies around it. */
  resolver: "resolver.cjs",
  roleId: "role_id",
  secretId: "secret_id",
  listenerUid: "listener_uid",
  vaultCa: "vault-ca.pem",
} as const;

/** Where everything of ours, and what it is joined to, lies in OpenClaw's folder. */
export function openclawPaths(folder: string) {
  const own = join(folder, openclawNames.own);
  return {
    /** The setup guide's file. */
    guide: join(folder, openclawNames.guide),
    /** What the gateway reads, JSON5: the user's. */
    gateway: join(folder, openclawNames.gateway),
    fragment: join(folder, openclawNames.fragment),
    /** The folder that is ours alone. */
    own,
    /** What the gateway runs to get the key. */
    resolver: join(own, openclawNames.resolver),
    roleId: join(own, openclawNames.roleId),
    secretId: join(own, openclawNames.secretId),
    /** Whose listener Vault's is, if it serves plain HTTP. */
    listenerUid: join(own, openclawNames.listenerUid),
    /** What verifies Vault's certificate, where it serves TLS: the declared file may be another user's. */
    vaultCa: join(own, openclawNames.vaultCa),
  };
}
