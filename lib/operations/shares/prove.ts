import { z } from "zod";
import { UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { rememberShares } from "../../store/records/shares-fingerprints";
import { whoHasShares } from "../../store/records/shares-record";
import type { AskForShares } from "../../vault/bootstrap";
import { VaultClient } from "../../vault/client";
import { proveShares } from "../../vault/shares/prove-shares";
import { type KeyShares, readShares } from "../../vault/shares/shares-file";
import { readSealStatus } from "../../vault/wait";

/** What was proven. */
export interface ProvenShares {
  /** The number of shares that Vault accepted. */
  readonly shares: number;
  readonly threshold: number;
  readonly from: "this host" | "their holders";
}

/**
 * Proves that shares would unseal Vault after a restart, while it is unsealed: with each of them it makes a root token, and
 * revokes that token alone. It starts and unseals nothing.
 * @throws UserError if Vault is sealed, if somebody makes a root token just then, or if Vault refuses the shares
 */
export async function proveByDrill(
  deployment: Deployment,
  askForShares: AskForShares | undefined,
): Promise<ProvenShares> {
  const { home } = deployment;
  const vault = VaultClient.at(deployment);
  const { sealed, initialized, t } = await readSealStatus(vault);
  if (!initialized || sealed)
    throw new UserError({
      problem: `The Vault at ${vault.address} is sealed: unsealing it proves the shares.`,
      fix: "openclaw-openrouter vault unseal",
    });
  await requireUnused(vault);
  const here = readShares(home.shares);
  const shares: KeyShares | undefined = here ?? (await askForShares?.(t));
  if (!shares)
    throw new UserError({
      problem: "The shares are not on this host, and nobody can be asked for them here.",
      expected: whoHasShares(home),
      fix: "Run this on a terminal, or add --share-file FILE.",
    });
  for (const some of windows(shares.shares, t))
    await proveShares(vault, home, { ...shares, shares: some }, true);
  if (here) rememberShares(home, here);
  return { shares: shares.shares.length, threshold: t, from: here ? "this host" : "their holders" };
}

/** Sets of `size` that have each item. */
export function windows<T>(items: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    Math.max(0, Math.min(index * size, items.length - size)),
  );
  return starts.map((start) => items.slice(start, start + size));
}

const attemptAnswer = z.object({ started: z.boolean(), progress: z.int(), required: z.int() });

/** A drill cancels nothing of others. */
async function requireUnused(vault: VaultClient): Promise<void> {
  const attempt = await vault.call({ path: "sys/generate-root/attempt" }, attemptAnswer);
  if (!attempt.started) return;
  throw new UserError({
    problem: `Somebody is making a root token of the Vault at ${vault.address}. Nothing was done.`,
    got: `an attempt to which ${attempt.progress} of ${attempt.required} shares were given`,
    fix: "Run this again when it is done. To cancel it: vault operator generate-root -cancel",
  });
}
