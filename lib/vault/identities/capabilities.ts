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

/** @param more of the policy and the role themselves */
function ofRole(role: string, more: readonly string[] = []): Capabilities {
  return {
    [`sys/policies/acl/${role}`]: ["create", "read", "update", ...more],
    [`auth/approle/role/${role}`]: ["create", "read", "update", ...more],
    [`auth/approle/role/${role}/role-id`]: ["read"],
    [`auth/approle/role/${role}/secret-id`]: ["list", "update"],
    [`auth/approle/role/${role}/secret-id-accessor/destroy`]: ["update"],
  };
}

/** The capabilities that an admin needs to invite a host. @param again whether its present access ends first */
export function invitingCapabilities(names: HostNames, again: boolean): Capabilities {
  const { role } = names;
  const ending = again ? ["delete"] : [];
  return {
    "sys/auth": ["read"],
    ...ofRole(role, ending),
    [`identity/entity/name/${role}`]: ["read", "update", ...ending],
    "identity/entity-alias": ["update"],
    ...hostKeyCapabilities(names),
  };
}

/** The capabilities that an admin needs to store a host's key. */
export function hostKeyCapabilities({ keyPath }: HostNames): Capabilities {
  return {
    [secretApiPath("data", keyPath)]: ["create", "read", "update", "patch"],
    [secretApiPath("metadata", keyPath)]: ["read"],
  };
}

/** The capabilities that an admin needs to end a host's access. @param purge whether its secret goes too */
export function evictingCapabilities({ role, keyPath }: HostNames, purge: boolean): Capabilities {
  return {
    [`auth/approle/role/${role}`]: ["delete"],
    [`auth/approle/role/${role}/role-id`]: ["read"],
    [`sys/policies/acl/${role}`]: ["delete"],
    [`identity/entity/name/${role}`]: ["read", "update", "delete"],
    ...(purge
      ? { [secretApiPath("data", keyPath)]: ["read"], [secretApiPath("metadata", keyPath)]: ["delete"] }
      : {}),
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
  const missing = granted ? missingOf(needed, granted) : [`${asking}: update`];
  if (missing.length === 0) return;
  throw new UserError({
    problem: `The admin's token may not do all that is to be done in the Vault at ${admin.address}. Nothing was changed.`,
    got: `it lacks ${missing.join("; ")}`,
    expected: `a token with the policy in ${page}`,
  });
}

function missingOf(needed: Capabilities, granted: Record<string, string[]>): string[] {
  return Object.entries(needed).flatMap(([path, capabilities]) => {
    const has = granted[path] ?? [];
    const missing = has.includes("root")
      ? []
      : capabilities.filter((capability) => !has.includes(capability));
    return missing.length > 0 ? [`${path}: ${missing.join(", ")}`] : [];
  });
}

/** Where a token asks what it may do. The default policy allows it, which a token can be without. */
const asking = "sys/capabilities-self";

/** @returns undefined if the token may not ask */
async function capabilitiesOf(
  admin: VaultClient,
  paths: readonly string[],
): Promise<Record<string, string[]> | undefined> {
  if (paths.length === 0) return {};
  const asked = admin.submit(asking, { paths }, capabilitiesAnswer);
  return (await asked.catch(ifRefused(403, () => undefined)))?.data;
}
