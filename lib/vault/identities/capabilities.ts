import { UserError } from "../../core/errors";
import type { HostNames } from "../../model/hosts";
import type { Identity, IdentityName } from "../../model/vault/identities";
import { secretApiPath } from "../../model/vault/vault-names";
import { ifRefused, type VaultClient } from "../client";
import { capabilitiesAnswer } from "../schemas";

/** The capabilities that are needed, by path in Vault. */
export type Capabilities = Readonly<Record<string, readonly string[]>>;

/** The capabilities that an admin always needs: to inspect Vault, and to write policies, roles and secret ids. */
export function identityCapabilities(declared: Record<IdentityName, Identity>): Capabilities {
  return {
    "sys/auth": ["read"],
    "sys/mounts": ["read"],
    "auth/approle/role": ["list"],
    ...Object.assign({}, ...Object.values(declared).map(({ role }) => ofRole(role))),
  };
}

/** The pages with the policies of an admin's token: to use an external Vault, and to have hosts use it too. */
export const adminPolicyPages = { vault: "docs/external-vault.md", hosts: "docs/many-hosts.md" };

function ofRole(role: string): Capabilities {
  return {
    [`sys/policies/acl/${role}`]: ["create", "read", "update"],
    [`auth/approle/role/${role}`]: ["create", "read", "update"],
    [`auth/approle/role/${role}/role-id`]: ["read"],
    [`auth/approle/role/${role}/secret-id`]: ["list", "update"],
    [`auth/approle/role/${role}/secret-id-accessor/destroy`]: ["update"],
  };
}

/** The capabilities that an admin always needs to invite a host. */
export function hostCapabilities({ role, keyPath }: HostNames): Capabilities {
  return {
    "sys/auth": ["read"],
    ...ofRole(role),
    [`identity/entity/name/${role}`]: ["read", "update"],
    "identity/entity-alias": ["update"],
    [secretApiPath("data", keyPath)]: ["create", "read"],
    [secretApiPath("metadata", keyPath)]: ["read"],
  };
}

/** The capabilities that an admin needs to make the missing mounts. */
export function mountCapabilities(isThere: { appRole: boolean; store: boolean }): Capabilities {
  return {
    ...(isThere.appRole ? {} : { "sys/auth/approle": ["sudo", "update"] }),
    ...(isThere.store ? {} : { "sys/mounts/secret": ["update"] }),
  };
}

/**
 * Verifies that an admin's token has all the capabilities that the external Vault needs, so that nothing is left half done.
 * @param page where the policy is
 * @throws UserError that names the missing capabilities
 */
export async function requireCapabilities(
  admin: VaultClient,
  needed: Capabilities,
  page = adminPolicyPages.vault,
): Promise<void> {
  const granted = await capabilitiesOf(admin, Object.keys(needed));
  const missing = Object.entries(needed).flatMap(([path, capabilities]) => {
    const has = granted[path] ?? [];
    const missing = has.includes("root")
      ? []
      : capabilities.filter((capability) => !has.includes(capability));
    return missing.length > 0 ? [`${path}: ${missing.join(", ")}`] : [];
  });
  if (missing.length === 0) return;
  throw new UserError({
    problem: `The admin's token may not do all that is to be done in the Vault at ${admin.address}. Nothing was changed.`,
    got: `it lacks ${missing.join("; ")}`,
    expected: `a token with the policy in ${page}`,
  });
}

async function capabilitiesOf(
  admin: VaultClient,
  paths: readonly string[],
): Promise<Record<string, string[]>> {
  if (paths.length === 0) return {};
  const asked = admin.submit("sys/capabilities-self", { paths }, capabilitiesAnswer);
  // A token without the default policy cannot ask for its capabilities: the work itself will show them.
  const unknown = () => ({ data: Object.fromEntries(paths.map((path) => [path, ["root"]])) });
  return (await asked.catch(ifRefused(403, unknown))).data;
}
