import { UserError } from "../core/errors";
import { NotVault, type VaultClient, VaultFailure, VaultUnreachable } from "./client";
import { anything, type SealStatus, sealStatus } from "./schemas";

/** The timeout for a Vault that was just started, in milliseconds. 0.1 s is usual; a loaded host needs many seconds. */
const patience = 60_000;
/**
 * The shortest and the longest pause between two attempts, in milliseconds. The pause grows, since Vault usually answers soon.
 */
const shortest = 50;
const longest = 1000;

async function until<T>(attempt: () => Promise<T | undefined>, otherwise: () => UserError): Promise<T> {
  const started = Date.now();
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    const elapsed = Date.now() - started;
    if (elapsed > patience) throw otherwise();
    // Every 50 ms for the first two seconds, then ever less often.
    const pause = Math.min(longest, Math.max(shortest, elapsed / 10 - 150));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

export function readSealStatus(vault: VaultClient): Promise<SealStatus> {
  return vault.call({ path: "sys/seal-status" }, sealStatus);
}

/**
 * Waits until Vault's listener answers.
 * @param whileSilent called between attempts; if it throws, waiting ends
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

/** Waits until an unsealed Vault is active: before that it refuses writes. */
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

/** Waits until an unsealed Vault serves requests, either as the active node or as a standby that forwards them. */
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
    fix: "See its log: `docker logs <container>`.",
  });
}
