import type { Deployment } from "../../model/deployment";
import { VaultClient } from "../../vault/client";
import { isActive, makeRootToken, revokeSelf } from "../../vault/identities/root";
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
    if (await isActive(root)) await revokeSelf(root);
    forgetRootToken(home);
  }
}
