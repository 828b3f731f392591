import type { HomePaths } from "../../model/home-paths";
import type { VaultClient } from "../client";
import { withRootToken } from "../identities/root-session";
import type { KeyShares } from "./shares-file";

/**
 * Proves that these shares are those of an unsealed Vault: it makes a root token from them and revokes it right away. Vault has
 * no other call that tests shares and changes nothing.
 * @param revokesOwnOnly whether other root tokens stay active. @default they are revoked
 * @throws UserError if they are not
 */
export function proveShares(
  vault: VaultClient,
  home: HomePaths,
  shares: KeyShares,
  revokesOwnOnly = false,
): Promise<void> {
  return withRootToken(vault, home, shares, async () => {}, { revokesOwnOnly });
}
