import { UserError } from "../errors";
import { type VaultClient, VaultFailure } from "./client";
import { anything, rekeyStatus, rekeyUpdateAnswer, rekeyVerifyAnswer } from "./schemas";
import type { KeyShares } from "./shares-file";

/** What is made anew: the shares that unseal Vault, or those that recover one which unseals itself. */
export type RekeyTarget = "rekey" | "rekey-recovery-key";

export function rekeyTargetOf(sealType: string): RekeyTarget {
  return sealType === "shamir" ? "rekey" : "rekey-recovery-key";
}

/** A rekey that Vault has under way: it lives in memory, and ends with a restart. */
export interface PendingRekey {
  readonly nonce: string;
  /** Set once the new shares were given out, until enough of them were given back. */
  readonly verificationNonce: string | undefined;
}

export async function pendingRekey(
  vault: VaultClient,
  target: RekeyTarget,
): Promise<PendingRekey | undefined> {
  const status = await vault.call({ path: `sys/${target}/init` }, rekeyStatus);
  if (!status.started) return undefined;
  return { nonce: status.nonce, verificationNonce: status.verification_nonce || undefined };
}

/** Ends one that is under way: the shares of before stay in force. */
export async function cancelRekey(vault: VaultClient, target: RekeyTarget): Promise<void> {
  const pending = await pendingRekey(vault, target);
  if (!pending) return;
  const body = { nonce: pending.nonce };
  await vault.call({ method: "DELETE", path: `sys/${target}/init`, body }, anything);
}

export interface RekeyProps {
  readonly shares: number;
  readonly threshold: number;
  /** A key for each share, base64: then Vault gives out each encrypted, as binary OpenPGP messages in base64. */
  readonly pgpKeys?: readonly string[];
  /** Those in force. */
  readonly current: KeyShares;
}

/**
 * Has Vault make new shares, which are in force once they are verified.
 * @returns the new shares, base64
 * @throws UserError where the current ones are not this Vault's
 */
export async function makeNewShares(
  vault: VaultClient,
  target: RekeyTarget,
  { shares, threshold, pgpKeys, current }: RekeyProps,
): Promise<string[]> {
  await cancelRekey(vault, target);
  const body = {
    secret_shares: shares,
    secret_threshold: threshold,
    require_verification: true,
    ...(pgpKeys ? { pgp_keys: pgpKeys } : {}),
  };
  const { nonce } = await vault.call({ method: "PUT", path: `sys/${target}/init`, body }, rekeyStatus);
  for (const key of current.shares.slice(0, current.threshold)) {
    const answer = await vault
      .call({ method: "PUT", path: `sys/${target}/update`, body: { key, nonce } }, rekeyUpdateAnswer)
      .catch(async (error) => {
        await cancelRekey(vault, target);
        throw error instanceof VaultFailure && error.status === 400 ? doNotFit(vault, "present") : error;
      });
    if (answer.complete && answer.keys_base64) return answer.keys_base64;
  }
  await cancelRekey(vault, target);
  throw doNotFit(vault, "present");
}

/**
 * Gives enough of the new shares back to Vault, from which on they are in force and those of before are not.
 * @throws UserError where they are others: then those of before stay in force, and it may be tried again
 */
export async function verifyNewShares(
  vault: VaultClient,
  target: RekeyTarget,
  given: KeyShares,
): Promise<void> {
  // Somebody may have given some already.
  await vault.call({ method: "DELETE", path: `sys/${target}/verify` }, anything);
  const pending = await pendingRekey(vault, target);
  if (!pending?.verificationNonce) throw notPending(vault);
  for (const key of given.shares.slice(0, given.threshold)) {
    const body = { key, nonce: pending.verificationNonce };
    const answer = await vault
      .call({ method: "PUT", path: `sys/${target}/verify`, body }, rekeyVerifyAnswer)
      .catch((error) => {
        throw error instanceof VaultFailure && error.status === 400 ? doNotFit(vault, "new") : error;
      });
    if (answer?.complete) return;
  }
  throw doNotFit(vault, "new");
}

function doNotFit(vault: VaultClient, which: "present" | "new"): UserError {
  return new UserError({
    problem: `These are not the ${which} shares of the Vault at ${vault.address}. Those of before stay in force.`,
    got: "shares of another Vault, or of another generation",
    expected: which === "new" ? "the shares that this rekey gave out" : "the shares that open this Vault now",
  });
}

/** Tells that there is nothing to be verified. */
export function notPending(vault: VaultClient): UserError {
  return new UserError({
    problem: `The Vault at ${vault.address} has no rekey under way that could be verified.`,
    got: "a restart of Vault since, which ends one; or somebody cancelled it",
    remedy: "npx openclaw-openrouter shares --rekey\nbegins again; the shares of before are in force.",
  });
}
