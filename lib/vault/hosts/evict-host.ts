import { secretApiPath } from "../../model/vault/vault-names";
import type { HostEntry } from "../../store/records/hosts-record";
import { ifRefused, type VaultClient } from "../client";
import { anything, roleIdAnswer } from "../schemas";

/**
 * Takes a host's access away: its tokens end at once with its entity, its secret ids with its role, and an invitation that is
 * still open with its token. What is gone already is no failure, so a repeated call resumes.
 */
export async function evictHost(
  admin: VaultClient,
  { role, accessor }: Pick<HostEntry, "role" | "accessor">,
): Promise<void> {
  const entity = `identity/entity/name/${role}`;
  if (await admin.find({ path: entity }, anything)) await admin.write(entity, { disabled: true });
  for (const path of [`auth/approle/role/${role}`, `sys/policies/acl/${role}`, entity])
    await admin.find({ method: "DELETE", path }, anything);
  if (accessor) await revokeAccessor(admin, accessor);
}

/** Revokes the token of an accessor, unless it was used or has ended. */
export async function revokeAccessor(client: VaultClient, accessor: string): Promise<void> {
  await client.write("auth/token/revoke-accessor", { accessor }).catch(ifRefused([400, 403, 404], () => {}));
}

/** The id of a host's role in Vault; undefined if there is no such role. */
export async function roleIdOf(admin: VaultClient, role: string): Promise<string | undefined> {
  return (await admin.find({ path: `auth/approle/role/${role}/role-id` }, roleIdAnswer))?.data.role_id;
}

/** Deletes all versions of a host's secret. */
export async function purgeHost(admin: VaultClient, { keyPath }: Pick<HostEntry, "keyPath">): Promise<void> {
  await admin.find({ method: "DELETE", path: secretApiPath("metadata", keyPath) }, anything);
}
