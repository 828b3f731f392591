import { UserError } from "../errors";
import { type VaultClient, VaultFailure } from "./client";
import { type SealStatus, sealStatus } from "./schemas";
import type { KeyShares } from "./shares-file";
import { waitUntilActive } from "./wait";

/**
 * Unseals Vault with its shares, and waits until it is active.
 * @param candidates tried one after the other: while shares are made anew, either generation may be in force
 * @returns those that opened it
 * @throws UserError where none of them do
 */
export async function unseal(vault: VaultClient, ...candidates: readonly KeyShares[]): Promise<KeyShares> {
  const fitting = await unsealsBy(vault, ...candidates);
  if (fitting) return fitting;
  throw doNotFit(vault);
}

/** The same. @returns undefined where none of them open it */
export async function unsealsBy(
  vault: VaultClient,
  ...candidates: readonly KeyShares[]
): Promise<KeyShares | undefined> {
  for (const shares of candidates) {
    if (await opens(vault, shares)) {
      await waitUntilActive(vault);
      return shares;
    }
  }
  return undefined;
}

async function opens(vault: VaultClient, shares: KeyShares): Promise<boolean> {
  // An earlier run may have given some shares already, perhaps wrong ones.
  const before = await vault.call({ method: "PUT", path: "sys/unseal", body: { reset: true } }, sealStatus);
  const migrate = before.migration ? { migrate: true } : {};
  let status: SealStatus | undefined;
  for (const key of shares.shares.slice(0, shares.threshold)) {
    try {
      status = await vault.call({ method: "PUT", path: "sys/unseal", body: { key, ...migrate } }, sealStatus);
    } catch (error) {
      if (error instanceof VaultFailure && error.status === 400) return false;
      throw error;
    }
  }
  return status?.sealed === false;
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
