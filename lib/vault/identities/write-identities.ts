import type { HomePaths } from "../../model/home-paths";
import {
  type Identity,
  type IdentityName,
  identities,
  identityNames,
  roleParameters,
} from "../../model/vault/identities";
import { type Credential, writeCredential } from "../../store/credentials";
import { ifRefused, type VaultClient } from "../client";
import { mountsAnswer, roleIdAnswer, secretIdAnswer } from "../schemas";
import { readRole } from "./compare-identities";

/** The written identities, and the removal of the previous secret ids. */
interface WrittenIdentities {
  readonly reader: Credential;
  /** Destroys the previous secret ids. Call it once nothing uses them any more, so that a reader always has a working one. */
  readonly destroyOld: () => Promise<void>;
}

/**
 * Writes the AppRole mount, and the policies and roles of deployer, reader and auditor, with a new secret id each, with a root
 * token. Existing ones are changed to the declaration; other roles and policies stay unchanged.
 */
export async function writeIdentities(
  root: VaultClient,
  home: HomePaths,
  declared: Record<IdentityName, Identity> = identities,
): Promise<WrittenIdentities> {
  const { data } = await root.call({ path: "sys/auth" }, mountsAnswer);
  if (!data["approle/"]) await root.write("sys/auth/approle", { type: "approle" });
  const written = await Promise.all(
    identityNames.map(async (name) => {
      const identity = declared[name];
      await writeRole(root, identity);
      const old = await secretIdAccessors(root, identity);
      const credential = await issueCredential(root, identity);
      writeCredential(home, name, credential);
      return { name, identity, old, credential };
    }),
  );
  return {
    reader: written.find(({ name }) => name === "reader")!.credential,
    destroyOld: async () => {
      for (const { identity, old } of written)
        for (const secret_id_accessor of old)
          await root.write(`auth/approle/role/${identity.role}/secret-id-accessor/destroy`, {
            secret_id_accessor,
          });
    },
  };
}

async function writeRole(root: VaultClient, identity: Identity): Promise<void> {
  const path = `auth/approle/role/${identity.role}`;
  // Vault cannot change this parameter of an existing role.
  if ((await readRole(root, identity))?.local_secret_ids) await root.remove(path);
  await Promise.all([
    root.write(`sys/policies/acl/${identity.role}`, { policy: identity.policy }, "PUT"),
    root.write(path, roleParameters(identity)),
  ]);
}

async function issueCredential(root: VaultClient, identity: Identity): Promise<Credential> {
  const path = `auth/approle/role/${identity.role}`;
  const [role, secret] = await Promise.all([
    root.call({ path: `${path}/role-id` }, roleIdAnswer),
    root.submit(`${path}/secret-id`, {}, secretIdAnswer),
  ]);
  return { roleId: role.data.role_id, secretId: secret.data.secret_id };
}

/** The accessors of all secret ids of an identity; none if there is no such role. */
export function secretIdAccessors(client: VaultClient, { role }: Pick<Identity, "role">): Promise<string[]> {
  return client.list(`auth/approle/role/${role}/secret-id`).catch(ifRefused(400, () => []));
}
