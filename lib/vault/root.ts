import { z } from "zod";
import { UserError } from "../errors";
import { type VaultClient, VaultFailure } from "./client";
import { anything, generateRootAnswer } from "./schemas";
import type { KeyShares } from "./shares-file";
import { livingRootTokens } from "./tokens";

/**
 * Makes a passing root token from threshold shares (generate-root: needs no token).
 * An attempt that a crash left behind is cancelled first.
 */
export async function generateRoot(vault: VaultClient, shares: KeyShares): Promise<string> {
  await vault.call({ method: "DELETE", path: "sys/generate-root/attempt" }, anything);
  const attempt = await vault.call(
    { method: "PUT", path: "sys/generate-root/attempt", body: {} },
    generateRootAnswer,
  );
  for (const key of shares.shares.slice(0, shares.threshold)) {
    const answer = await vault
      .call(
        { method: "PUT", path: "sys/generate-root/update", body: { key, nonce: attempt.nonce } },
        generateRootAnswer,
      )
      .catch((error) => {
        // Vault tells wrong shares only when it has enough of them.
        throw error instanceof VaultFailure && error.status === 400 ? doNotFit(vault) : error;
      });
    if (answer.complete && answer.encoded_token && attempt.otp)
      return decode(answer.encoded_token, attempt.otp);
  }
  throw doNotFit(vault);
}

function doNotFit(vault: VaultClient): UserError {
  return new UserError({
    problem: `These shares do not make a root token for the Vault at ${vault.address}.`,
    expected: "the shares of this Vault's present generation",
    remedy: "Take the instance's own shares; where shares.json is theirs, put it back from a backup.",
  });
}

/** Vault hands the new token out XORed with the one-time password that only the attempt's first answer held. */
function decode(encoded: string, otp: string): string {
  const bytes = Buffer.from(encoded, "base64");
  const pad = Buffer.from(otp);
  return Buffer.from(bytes.map((byte, index) => byte ^ (pad[index] ?? 0))).toString();
}

const accessorAnswer = z.object({ data: z.object({ accessor: z.string() }) });

/** Revokes every root token, `root`'s own last: a run that was killed between making and revoking one may have left some. */
export async function revokeRootTokens(root: VaultClient): Promise<void> {
  const self = await root.call({ path: "auth/token/lookup-self" }, accessorAnswer);
  for (const { accessor } of await livingRootTokens(root)) {
    if (accessor === self.data.accessor) continue;
    await root.call({ method: "POST", path: "auth/token/revoke-accessor", body: { accessor } }, anything);
  }
  await root.call({ method: "POST", path: "auth/token/revoke-self" }, anything);
}

export async function isRootAlive(vault: VaultClient, token: string): Promise<boolean> {
  try {
    await vault.withToken(token).call({ path: "auth/token/lookup-self" }, anything);
    return true;
  } catch (error) {
    if (error instanceof VaultFailure && error.status === 403) return false;
    throw error;
  }
}
