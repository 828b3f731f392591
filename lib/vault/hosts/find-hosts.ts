import { sha256 } from "../../core/fingerprint";
import { hostNames } from "../../model/hosts";
import { keyPreview } from "../../model/openrouter-key";
import { guideNames } from "../../model/vault/vault-names";
import type { VaultClient } from "../client";
import { findSecret } from "../secret-store";
import { roleIdOf } from "./evict-host";

/** A host that an instance's own Vault serves. */
export interface FoundHost {
  readonly name: string;
  readonly role: string;
  readonly roleId: string;
  /** The SHA-256 of its key, and the part of it that can be shown. @default Vault holds none for it */
  readonly key?: { readonly sha256: string; readonly preview: string };
}

/** Finds the hosts in an instance's own Vault by their roles. @param root may read everything */
export async function findHosts(root: VaultClient): Promise<readonly FoundHost[]> {
  const { role: prefix } = hostNames(guideNames, "");
  const roles = await root.list("auth/approle/role");
  const found: FoundHost[] = [];
  for (const role of roles.filter((each) => each.startsWith(prefix))) {
    const name = role.slice(prefix.length);
    const roleId = await roleIdOf(root, role);
    const key = (await findSecret(root.forKey(hostNames(guideNames, name).keyPath)))?.key;
    if (roleId !== undefined)
      found.push({
        ...{ name, role, roleId },
        ...(key === undefined ? {} : { key: { sha256: sha256(key), preview: keyPreview(key) } }),
      });
  }
  return found;
}
