import { join } from "node:path";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import type { IdentityName } from "../model/vault/identities";

/** The AppRole credential of an identity. The secret id does not expire. */
export interface Credential {
  readonly roleId: string;
  readonly secretId: string;
}

export function readCredential(home: HomePaths, identity: IdentityName): Credential | undefined {
  const folder = home.credentials(identity);
  const roleId = readTextIfThere(join(folder, "role_id"))?.trim();
  const secretId = readTextIfThere(join(folder, "secret_id"))?.trim();
  return roleId && secretId ? { roleId, secretId } : undefined;
}

export function writeCredential(home: HomePaths, identity: IdentityName, credential: Credential): void {
  const folder = home.credentials(identity);
  writePrivateFile(join(folder, "role_id"), `${credential.roleId}\n`);
  writePrivateFile(join(folder, "secret_id"), `${credential.secretId}\n`);
}
