import { ifError, UserError } from "../core/errors";
import { type VaultClient, VaultFailure } from "./client";
import { sealStatus } from "./schemas";
import { giveShares, SharesRefused } from "./shares/give-shares";
import type { KeyShares } from "./shares/shares-file";
import { undisturbed } from "./shares/undisturbed";
import { waitUntilActive } from "./wait";

/**
 * Unseals Vault with its shares, and waits until it is active.
 * @param candidates the sets of shares to try in turn: during a rekey, either generation may be active
 * @returns the shares that unsealed it; undefined if somebody else unsealed it meanwhile
 * @throws UserError if none of them unseal it, or somebody keeps resetting the attempt
 */
export async function unseal(
  vault: VaultClient,
  ...candidates: readonly KeyShares[]
): Promise<KeyShares | undefined> {
  for (const shares of candidates) {
    const opened = await open(vault, shares);
    if (opened === "refused") continue;
    await waitUntilActive(vault);
    return opened === "by them" ? shares : undefined;
  }
  throw doNotFit(vault);
}

/** The same. @returns undefined if none of them unseal it */
export function unsealsBy(
  vault: VaultClient,
  ...candidates: readonly KeyShares[]
): Promise<KeyShares | undefined> {
  return unseal(vault, ...candidates).catch(ifError(SharesDoNotFit, () => undefined));
}

/** None of the given shares unseal Vault. */
class SharesDoNotFit extends UserError {}

type Opened = "by them" | "by others" | "refused";

async function open(vault: VaultClient, shares: KeyShares): Promise<Opened> {
  try {
    return await undisturbed(vault, "unseal", () => tryToOpen(vault, shares));
  } catch (error) {
    if (error instanceof SharesRefused) return "refused";
    if (error instanceof VaultFailure && error.errors.includes("vault is unsealed")) return "by others";
    throw error;
  }
}

async function tryToOpen(vault: VaultClient, { shares, threshold }: KeyShares): Promise<Opened> {
  // An earlier run may have given some shares, perhaps wrong ones.
  const before = await vault.submit("sys/unseal", { reset: true }, sealStatus, "PUT");
  const migrate = before.migration ? { migrate: true } : {};
  // Before the first shares of a seal migration Vault reports no threshold for it.
  const required = before.t || threshold;
  let given = 0;
  return giveShares<Opened>(shares, required, async (key) => {
    given += 1;
    const status = await vault.submit("sys/unseal", { key, ...migrate }, sealStatus, "PUT");
    if (!status.sealed) return { result: given === required ? "by them" : "by others" };
    return { progress: before.t ? status.progress : undefined };
  });
}

function doNotFit(vault: VaultClient): SharesDoNotFit {
  return new SharesDoNotFit({
    problem: `These shares do not unseal the Vault at ${vault.address}.`,
    got: "shares of another Vault, or of another generation",
    expected: "the shares that this Vault was initialized with",
    fix: "Make sure that address and container are the instance's own, and use its own shares. If shares.json is another Vault's, restore it from a backup.",
  });
}
