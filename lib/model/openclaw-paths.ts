import { join } from "node:path";

/** Where everything of ours, and what it is joined to, lies in OpenClaw's folder. */
export function openclawPaths(folder: string) {
  const own = join(folder, "openclaw-openrouter");
  return {
    /** The guide's file. */
    guide: join(folder, "config.json"),
    /** What the gateway reads, JSON5: the user's. */
    gateway: join(folder, "openclaw.json"),
    fragment: join(folder, "openrouter.json5"),
    /** The folder that is ours alone. */
    own,
    /** What the gateway runs to get the key. Its ending keeps Node from taking it for an ES module, whatever lies around it. */
    resolver: join(own, "resolver.cjs"),
    roleId: join(own, "role_id"),
    secretId: join(own, "secret_id"),
    /** Whose listener Vault's is, if it serves plain HTTP. */
    listenerUid: join(own, "listener_uid"),
    /** What vouches for Vault's certificate, where it serves TLS: the declared file may be another user's. */
    vaultCa: join(own, "vault-ca.pem"),
  };
}
