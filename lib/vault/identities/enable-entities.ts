import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { identityNames } from "../../model/vault/identities";
import { readCredential } from "../../store/credentials";
import { ifRefused, type VaultClient } from "../client";
import { approlePath } from "../compare-mounts";
import { mountsAnswer } from "../schemas";

/** Without an entity, Vault's answer is empty: nobody has logged in yet. */
const lookUpAnswer = z.object({ data: z.object({ id: z.string(), disabled: z.boolean() }) }).nullable();

/**
 * Enables the entities of deployer, reader and auditor, which Vault made at their first logins. While one is disabled, Vault refuses
 * its identity whatever its role and secret id are.
 * @param root may look up and change entities
 */
export async function enableEntities(root: VaultClient, home: HomePaths): Promise<void> {
  const alias_mount_accessor = await appRoleAccessor(root);
  for (const name of identityNames) {
    const body = { alias_name: readCredential(home, name)?.roleId, alias_mount_accessor };
    const entity = (await root.submit("identity/lookup/entity", body, lookUpAnswer))?.data;
    if (entity?.disabled) await root.write(`identity/entity/id/${entity.id}`, { disabled: false });
  }
}

/**
 * Ends the lock-out of deployer, reader and auditor: after five logins with a secret id that was replaced, such as those of a gateway
 * that starts again and again, Vault refuses a role for 15 minutes, whatever its secret id is. Call it once all copies are new.
 * @param root may unlock users
 */
export async function endLockOuts(root: VaultClient, home: HomePaths): Promise<void> {
  const accessor = await appRoleAccessor(root);
  for (const name of identityNames) {
    const roleId = readCredential(home, name)?.roleId;
    // A Vault before 1.13 locks nobody out, and has no such path.
    if (accessor && roleId)
      await root
        .write(`sys/locked-users/${accessor}/unlock/${roleId}`, {})
        .catch(ifRefused([404, 405], () => {}));
  }
}

/** Vault's own id of the auth method AppRole; undefined if it is not there. */
export async function appRoleAccessor(client: VaultClient): Promise<string | undefined> {
  const { data: methods } = await client.call({ path: "sys/auth" }, mountsAnswer);
  return methods[approlePath]?.accessor;
}
