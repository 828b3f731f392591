import { z } from "zod";
import { type BoundAddresses, type HostNames, identityOfHost } from "../../model/hosts";
import { roleParameters } from "../../model/vault/identities";
import type { VaultClient } from "../client";
import { appRoleAccessor } from "../identities/enable-entities";
import { secretIdAccessors } from "../identities/write-identities";
import { roleIdAnswer } from "../schemas";

const entityAnswer = z.object({ data: z.object({ id: z.string() }) });
const wrapAnswer = z.object({
  wrap_info: z.object({ token: z.string().min(1), accessor: z.string(), ttl: z.int().positive() }),
});

/**
 * Writes a host's policy, role and entity, and wraps a new secret id. The host's previous secret ids end.
 * @param admin can write policies, AppRole roles and entities
 * @param isOwn whether the Vault is the instance's own
 * @param ttl how long the secret id can be unwrapped, in seconds
 * @returns the wrapping token, which gives the secret id once, with its accessor and its end, ISO 8601
 */
export async function writeHost(
  admin: VaultClient,
  {
    names,
    addresses,
    ttl,
    isOwn,
  }: { names: HostNames; addresses: BoundAddresses; ttl: number; isOwn: boolean },
) {
  const { role } = names;
  const path = `auth/approle/role/${role}`;
  const identity = identityOfHost(names, addresses, isOwn);
  await admin.write(`sys/policies/acl/${role}`, { policy: identity.policy }, "PUT");
  await admin.write(path, roleParameters(identity));
  const old = await secretIdAccessors(admin, { role });
  for (const secret_id_accessor of old)
    await admin.write(`${path}/secret-id-accessor/destroy`, { secret_id_accessor });
  const roleId = (await admin.call({ path: `${path}/role-id` }, roleIdAnswer)).data.role_id;
  const entityId = await writeEntity(admin, names, roleId);
  const request = { method: "POST", path: `${path}/secret-id`, body: {}, wrapSeconds: ttl } as const;
  const { wrap_info: wrapped } = await admin.call(request, wrapAnswer);
  const ends = new Date(Date.now() + wrapped.ttl * 1000).toISOString();
  return { roleId, entityId, token: wrapped.token, accessor: wrapped.accessor, ends };
}

/** The entity that the host's tokens belong to. If it is disabled, they end at once, though Vault does not list batch tokens. */
async function writeEntity(admin: VaultClient, names: HostNames, roleId: string): Promise<string> {
  const path = `identity/entity/name/${names.role}`;
  const metadata = { key_path: names.keyPath };
  await admin.write(path, { policies: [], metadata, disabled: false });
  const { id } = (await admin.call({ path }, entityAnswer)).data;
  const mount_accessor = await appRoleAccessor(admin);
  await admin.write("identity/entity-alias", { name: roleId, canonical_id: id, mount_accessor });
  return id;
}
