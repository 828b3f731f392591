import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { identityNames } from "../../model/vault/identities";
import { readCredential } from "../../store/credentials";
import type { VaultClient } from "../client";
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
  const { data: methods } = await root.call({ path: "sys/auth" }, mountsAnswer);
  const alias_mount_accessor = methods[approlePath]?.accessor;
  for (const name of identityNames) {
    const body = { alias_name: readCredential(home, name)?.roleId, alias_mount_accessor };
    const request = { method: "POST", path: "identity/lookup/entity", body } as const;
    const entity = (await root.call(request, lookUpAnswer))?.data;
    if (entity?.disabled) await root.write(`identity/entity/id/${entity.id}`, { disabled: false });
  }
}
