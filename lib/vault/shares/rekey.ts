import { UserError } from "../../core/errors";
import type { VaultClient } from "../client";
import { rekeyStatus, rekeyUpdateAnswer, rekeyVerifyAnswer } from "../schemas";
import { Disturbed, giveShares, SharesRefused } from "./give-shares";
import type { PgpKey } from "./pgp-keys";
import type { KeyShares } from "./shares-file";
import { undisturbed } from "./undisturbed";

/** The API path of a rekey: of the unseal key shares, or of the recovery key shares of a Vault with auto-unseal. */
export type RekeyTarget = "rekey" | "rekey-recovery-key";

export function rekeyTargetOf(sealType: string): RekeyTarget {
  return sealType === "shamir" ? "rekey" : "rekey-recovery-key";
}

/** The rekey that is under way in Vault, if there is one. Vault keeps it in memory, so a restart ends it. */
export async function pendingRekey(vault: VaultClient, target: RekeyTarget) {
  const status = await vault.call({ path: `sys/${target}/init` }, rekeyStatus);
  if (!status.started) return undefined;
  const { nonce, progress, required = 0 } = status;
  // From when Vault returns the new shares until enough of them are given for verification.
  return { nonce, progress, required, verificationNonce: status.verification_nonce || undefined };
}

/** Cancels a rekey that is under way: the previous shares stay active. */
export async function cancelRekey(vault: VaultClient, target: RekeyTarget): Promise<void> {
  // Vault requires the nonce of the rekey that it cancels, and that may be another rekey by then.
  await undisturbed(vault, target, async () => {
    const pending = await pendingRekey(vault, target);
    if (!pending) return;
    await vault.remove(`sys/${target}/init`, { nonce: pending.nonce });
  });
}

export interface RekeyProps {
  readonly shares: number;
  readonly threshold: number;
  /** A key for each share: then Vault returns each share encrypted, as a binary OpenPGP message in base64. */
  readonly pgpKeys?: readonly Pick<PgpKey, "base64" | "fingerprint">[];
  /** The active shares. */
  readonly current: KeyShares;
}

/**
 * Makes new shares in Vault, which become active once they are verified.
 * @returns them in base64, and the nonce of the rekey that waits for their verification
 * @throws UserError if the current shares are not this Vault's, or somebody keeps cancelling the rekey
 */
export async function makeNewShares(vault: VaultClient, target: RekeyTarget, props: RekeyProps) {
  try {
    return await undisturbed(vault, target, () => tryToMakeShares(vault, target, props));
  } catch (error) {
    await cancelRekey(vault, target);
    throw error instanceof SharesRefused ? doNotFit(vault, "present") : error;
  }
}

async function tryToMakeShares(
  vault: VaultClient,
  target: RekeyTarget,
  { shares, threshold, pgpKeys, current }: RekeyProps,
) {
  await cancelRekey(vault, target);
  const body = {
    secret_shares: shares,
    secret_threshold: threshold,
    require_verification: true,
    ...(pgpKeys ? { pgp_keys: pgpKeys.map(({ base64 }) => base64) } : {}),
  };
  const begun = await vault.submit(`sys/${target}/init`, body, rekeyStatus, "PUT");
  // Vault reports the rekey that is under way: somebody else may have started another one just then, to get the shares.
  const fingerprints = pgpKeys?.map(({ fingerprint }) => fingerprint.toLowerCase()) ?? [];
  const isOurs =
    begun.started &&
    begun.t === threshold &&
    begun.n === shares &&
    begun.verification_required === true &&
    (begun.pgp_fingerprints ?? []).join() === fingerprints.join();
  if (!isOurs) throw new Disturbed("another rekey than the one that was begun");
  const { nonce } = begun;
  return giveShares(current.shares, begun.required ?? current.threshold, async (key) => {
    const answer = await vault.submit(`sys/${target}/update`, { key, nonce }, rekeyUpdateAnswer, "PUT");
    if (!answer.complete || !answer.keys_base64) return { progress: answer.progress };
    return { result: { shares: answer.keys_base64, nonce } };
  });
}

/**
 * Verifies the new shares: gives enough of them to Vault. Then they are active and the previous ones are not.
 * @throws NotActive if they are other shares, or the rekey has ended: then the previous ones stay active
 * @throws UserError if somebody keeps disturbing it: it can be tried again
 */
export async function verifyNewShares(
  vault: VaultClient,
  target: RekeyTarget,
  given: KeyShares,
): Promise<void> {
  try {
    await undisturbed(vault, target, () => tryToVerify(vault, target, given));
  } catch (error) {
    throw error instanceof SharesRefused ? doNotFit(vault, "new") : error;
  }
}

async function tryToVerify(vault: VaultClient, target: RekeyTarget, given: KeyShares): Promise<void> {
  if (!(await pendingRekey(vault, target))?.verificationNonce) throw notPending(vault);
  // Somebody may have given some already. This resets the verification and its nonce.
  await vault.remove(`sys/${target}/verify`);
  const status = await vault.call({ path: `sys/${target}/init` }, rekeyStatus);
  const nonce = status.verification_nonce;
  if (!nonce) throw notPending(vault);
  await giveShares(given.shares, status.t ?? given.threshold, async (key) => {
    const answer = await vault.submit(`sys/${target}/verify`, { key, nonce }, rekeyVerifyAnswer, "PUT");
    return answer?.complete ? { result: true } : { progress: answer?.progress };
  });
}

/** Vault answered each call, and the new shares are not active. */
export class NotActive extends UserError {}

function doNotFit(vault: VaultClient, which: "present" | "new"): NotActive {
  return new NotActive({
    problem: `These are not the ${which} shares of the Vault at ${vault.address}. The previous ones stay active.`,
    got: "shares of another Vault, or of another generation",
    expected: which === "new" ? "the shares that this rekey gave out" : "the shares that open this Vault now",
  });
}

/** The error if no rekey waits for verification. */
export function notPending(vault: VaultClient): NotActive {
  return new NotActive({
    problem: `The Vault at ${vault.address} has no rekey under way that could be verified.`,
    got: "a restart of Vault since, which ends one; or somebody cancelled it",
    fix: "openclaw-openrouter shares rekey\nstarts again; the previous shares are active.",
  });
}
