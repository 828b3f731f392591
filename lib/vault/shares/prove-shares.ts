import type { HomePaths } from "../../model/home-paths";
import type { VaultClient } from "../client";
import { makeRootToken, revokeRootTokens } from "../identities/root";
import { forgetRootToken, type KeyShares } from "./shares-file";

/**
 * Proves by an unsealed Vault that these shares are its own: a root token is made of them, and revoked right away. Vault has no
 * other call that tries shares and leaves all unchanged.
 * @throws UserError where they are not
 */
export async function proveShares(vault: VaultClient, home: HomePaths, shares: KeyShares): Promise<void> {
  const token = await makeRootToken(vault, home, shares);
  await revokeRootTokens(vault.withToken(token));
  forgetRootToken(home);
}
