import type { Deployment } from "../../model/deployment";
import { VaultClient } from "../../vault/client";
import { isRootAlive, makeRootToken } from "../../vault/identities/root";
import { anything } from "../../vault/schemas";
import { forgetRootToken, readShares } from "../../vault/shares/shares-file";

/** Runs work with a temporary root token made from the shares on this host, and revokes the token afterwards. */
export async function asRoot(
  { home, ...place }: Deployment,
  work: (root: VaultClient) => Promise<void>,
): Promise<void> {
  const shares = readShares(home.shares);
  if (!shares) return;
  const vault = VaultClient.at(place);
  const token = await makeRootToken(vault, home, shares);
  const root = vault.withToken(token);
  try {
    await work(root);
  } finally {
    if (await isRootAlive(vault, token))
      await root.call({ method: "POST", path: "auth/token/revoke-self" }, anything);
    forgetRootToken(home);
  }
}
