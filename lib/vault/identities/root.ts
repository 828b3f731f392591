import { z } from "zod";
import { UserError } from "../../core/errors";
import type { HomePaths } from "../../model/home-paths";
import { ifRefused, type VaultClient } from "../client";
import { anything, generateRootAnswer } from "../schemas";
import { Disturbed, giveShares, SharesRefused } from "../shares/give-shares";
import {
  announceRootToken,
  type KeyShares,
  rememberedRootToken,
  rememberRootToken,
} from "../shares/shares-file";
import { KeptFromIt, undisturbed } from "../shares/undisturbed";
import { activeRootTokens } from "./tokens";

/**
 * Makes a temporary root token from shares, and records it in the instance directory.
 * @returns it, and what restores the record as it was before it
 */
export async function makeRootToken(vault: VaultClient, home: HomePaths, shares: KeyShares) {
  const restoreRecord = announceRootToken(home);
  try {
    const token = await generateRoot(vault, shares);
    rememberRootToken(home, token);
    return { token, restoreRecord };
  } catch (error) {
    // Vault answered each call, and no answer had a token.
    if (error instanceof WrongShares || error instanceof KeptFromIt) restoreRecord();
    throw error;
  }
}

/**
 * Makes a temporary root token from threshold shares (generate-root: needs no token). It first cancels an attempt that a crash
 * or somebody else left behind.
 * @throws WrongShares if Vault refuses them
 * @throws KeptFromIt if somebody cancels each attempt
 */
export async function generateRoot(vault: VaultClient, shares: KeyShares): Promise<string> {
  try {
    return await undisturbed(vault, "generate-root", () => tryToGenerateRoot(vault, shares));
  } catch (error) {
    throw error instanceof SharesRefused ? doNotFit(vault) : error;
  }
}

async function tryToGenerateRoot(vault: VaultClient, { shares, threshold }: KeyShares): Promise<string> {
  await vault.remove("sys/generate-root/attempt");
  const attempt = await vault.submit("sys/generate-root/attempt", {}, generateRootAnswer, "PUT");
  // Vault reports the attempt that is under way: somebody else may have started another one just then.
  if (attempt.pgp_fingerprint) throw new Disturbed("another root generation than the one that was begun");
  return giveShares(shares, attempt.required ?? threshold, async (key) => {
    const body = { key, nonce: attempt.nonce };
    const answer = await vault.submit("sys/generate-root/update", body, generateRootAnswer, "PUT");
    if (!answer.complete || !answer.encoded_token || !attempt.otp) return { progress: answer.progress };
    return { result: decode(answer.encoded_token, attempt.otp) };
  });
}

/** The shares made no root token. */
export class WrongShares extends UserError {}

function doNotFit(vault: VaultClient): WrongShares {
  return new WrongShares({
    problem: `These shares do not make a root token for the Vault at ${vault.address}.`,
    expected: "the shares of this Vault's current generation",
    fix: "Use the instance's own shares. If shares.json is another Vault's, restore it from a backup.",
  });
}

/** Vault returns the new token XORed with the one-time password, which only the attempt's first answer contains. */
function decode(encoded: string, otp: string): string {
  const bytes = Buffer.from(encoded, "base64");
  const pad = Buffer.from(otp);
  const token = Buffer.from(bytes.map((byte, index) => byte ^ (pad[index] ?? 0))).toString();
  if (/^[\w.-]+$/.test(token)) return token;
  throw new UserError({
    problem: "Vault made a root token by somebody else's attempt, with a password that is not known here.",
    expected: "this run's own attempt",
    fix: "openclaw-openrouter up\nwhich revokes it.",
  });
}

const accessorAnswer = z.object({ data: z.object({ accessor: z.string() }) });

/** Revokes every root token, `root`'s own last: a run that was killed before it revoked one may have left some. */
export async function revokeRootTokens(root: VaultClient): Promise<void> {
  const self = await root.call({ path: "auth/token/lookup-self" }, accessorAnswer);
  for (const { accessor } of await activeRootTokens(root)) {
    if (accessor === self.data.accessor) continue;
    await root.write("auth/token/revoke-accessor", { accessor });
  }
  await revokeSelf(root);
}

/** Revokes the client's own token. */
export async function revokeSelf(client: VaultClient): Promise<void> {
  await client.write("auth/token/revoke-self", {});
}

/** Whether a token is active. */
export function isActive(client: VaultClient): Promise<boolean> {
  const self = client.call({ path: "auth/token/lookup-self" }, anything);
  return self.then(() => true).catch(ifRefused(403, () => false));
}

/** The root token of a run that was interrupted before revoking it, if it is still active. */
export async function activeRootToken(vault: VaultClient, home: HomePaths): Promise<string | undefined> {
  const token = rememberedRootToken(home);
  return token && (await isActive(vault.withToken(token))) ? token : undefined;
}
