import { UserError } from "../errors";
import { type VaultClient, VaultFailure } from "./client";
import { type SealStatus, sealStatus } from "./schemas";
import type { KeyShares } from "./shares-file";
import { waitUntilActive } from "./wait";

/**
 * Unseals Vault with its shares, and waits until it is active.
 * @throws UserError where they do not open this Vault
 */
export async function unseal(vault: VaultClient, shares: KeyShares): Promise<void> {
  // An earlier run may have given some shares already, perhaps wrong ones.
  await vault.call({ method: "PUT", path: "sys/unseal", body: { reset: true } }, sealStatus);
  let status: SealStatus | undefined;
  for (const key of shares.shares.slice(0, shares.threshold)) {
    try {
      status = await vault.call({ method: "PUT", path: "sys/unseal", body: { key } }, sealStatus);
    } catch (error) {
      if (error instanceof VaultFailure && error.status === 400) throw doNotFit(vault);
      throw error;
    }
  }
  if (status?.sealed !== false) throw doNotFit(vault);
  await waitUntilActive(vault);
}

function doNotFit(vault: VaultClient): UserError {
  return new UserError({
    problem: `These shares do not unseal the Vault at ${vault.address}.`,
    got: "shares of another Vault, or of another generation",
    expected: "the shares that this Vault was initialised with",
    remedy:
      "See that address and container are the instance's own, and take its own shares; where shares.json is theirs, put it back from a backup.",
  });
}
