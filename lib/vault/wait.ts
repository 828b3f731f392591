import { UserError } from "../core/errors";
import { NotVault, type VaultClient, VaultFailure, VaultUnreachable } from "./client";
import { anything, type SealStatus, sealStatus } from "./schemas";

/** How long a Vault that was just started may take, in milliseconds; 0.1 s is usual, a loaded host may need many. */
const patience = 60_000;
/** Between two attempts, in milliseconds: at first short, since Vault answers soon, and then ever longer. */
const shortest = 50;
const longest = 1000;

async function until<T>(attempt: () => Promise<T | undefined>, otherwise: () => UserError): Promise<T> {
  const started = Date.now();
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    const elapsed = Date.now() - started;
    if (elapsed > patience) throw otherwise();
    // For two seconds each 50 ms; a Vault that takes longer is not asked a thousand times.
    const pause = Math.min(longest, Math.max(shortest, elapsed / 10 - 150));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

export function readSealStatus(vault: VaultClient): Promise<SealStatus> {
  return vault.call({ path: "sys/seal-status" }, sealStatus);
}

/**
 * Waits until Vault's listener answers.
 * @param whileSilent called between attempts; what it throws ends the waiting
 */
export async function waitForVault(
  vault: VaultClient,
  whileSilent: () => Promise<void> = async () => {},
): Promise<SealStatus> {
  let last: VaultUnreachable | undefined;
  return until(
    async () => {
      try {
        return await readSealStatus(vault);
      } catch (error) {
        const isStarting =
          (error instanceof VaultUnreachable && !(error instanceof NotVault)) ||
          (error instanceof VaultFailure && error.status >= 500);
        if (!isStarting) throw error;
        if (error instanceof VaultUnreachable) last = error;
        await whileSilent();
        return undefined;
      }
    },
    () => last ?? notInTime("answer", vault),
  );
}

/** Waits until an unsealed Vault has won its election: before that it answers writes with an error. */
export async function waitUntilActive(vault: VaultClient): Promise<void> {
  await until(
    async () => {
      try {
        await vault.call({ path: "sys/health" }, anything);
        return true;
      } catch (error) {
        if (error instanceof NotVault) throw error;
        if (error instanceof VaultFailure || error instanceof VaultUnreachable) return undefined;
        throw error;
      }
    },
    () => notInTime("become active", vault),
  );
}

/**
 * Waits until an unsealed Vault answers what only an active one can: by itself, or as a standby that asks the active one.
 */
export async function waitUntilServing(vault: VaultClient): Promise<void> {
  await until(
    async () => {
      try {
        await vault.call({ path: "sys/internal/ui/mounts" }, anything);
        return true;
      } catch (error) {
        if (error instanceof NotVault) throw error;
        if (error instanceof VaultUnreachable) return undefined;
        if (error instanceof VaultFailure) return error.status < 500 || undefined;
        throw error;
      }
    },
    () => notInTime("become active", vault),
  );
}

function notInTime(what: string, vault: VaultClient): UserError {
  return new UserError({
    problem: `Vault at ${vault.address} did not ${what} within ${patience / 1000} s.`,
    fix: "Look into its log: `docker logs <container>`.",
  });
}
