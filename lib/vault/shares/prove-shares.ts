import type { HomePaths } from "../../model/home-paths";
import type { VaultClient } from "../client";
import { makeRootToken, revokeRootTokens } from "../identities/root";
import { forgetRootToken, type KeyShares } from "./shares-file";

/**
 * Proves that these shares are those of an unsealed Vault: it makes a root token from them and revokes it right away. Vault has
 * no other call that tests shares and changes nothing.
 * @throws UserError if they are not
 */
export async function proveShares(vault: VaultClient, home: HomePaths, shares: KeyShares): Promise<void> {
  const token = await makeRootToken(vault, home, shares);
  await revokeRootTokens(vault.withToken(token));
  forgetRootToken(home);
}
