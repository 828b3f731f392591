import { join } from "node:path";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import type { HomePaths } from "../model/home-paths";
import type { IdentityName } from "../model/identities";
import { type VaultClient, VaultFailure } from "./client";
import { loginAnswer } from "./schemas";

/** How an identity logs in. The secret id does not expire. */
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

/**
 * Logs in as one of our identities.
 * @returns a client with its short-lived token; undefined where the credential is missing or Vault refuses it
 */
export async function logIn(
  vault: VaultClient,
  home: HomePaths,
  identity: IdentityName,
): Promise<VaultClient | undefined> {
  const credential = readCredential(home, identity);
  if (!credential) return undefined;
  try {
    const answer = await vault.call(
      {
        method: "POST",
        path: "auth/approle/login",
        body: { role_id: credential.roleId, secret_id: credential.secretId },
      },
      loginAnswer,
    );
    return vault.withToken(answer.auth.client_token);
  } catch (error) {
    if (error instanceof VaultFailure && error.status < 500) return undefined;
    throw error;
  }
}
