import { UserError } from "../core/errors";
import { poll } from "../core/poll";
import type { VaultPlace } from "../model/deployment";
import { fixInactive, VaultClient, VaultFailure } from "./client";
import { anything, type SealStatus, sealStatus } from "./schemas";
import { NotVault, VaultUnreachable } from "./unanswered";

/** The timeout for a Vault that was just started, in milliseconds. 0.1 s is usual; a loaded host needs many seconds. */
const patience = 60_000;
/**
 * The shortest and the longest pause between two attempts, in milliseconds. The pause grows, since Vault usually answers soon.
 */
const shortest = 50;
const longest = 1000;

/** Every 50 ms for the first two seconds, then ever less often. */
const pace = {
  every: (elapsed: number) => Math.min(longest, Math.max(shortest, elapsed / 10 - 150)),
  timeout: patience,
};

export function readSealStatus(vault: VaultClient): Promise<SealStatus> {
  return vault.call({ path: "sys/seal-status" }, sealStatus);
}

/** The seal of a Vault, to show it; undefined if it does not answer, whatever the reason. */
export function sealStatusIfAny(place: VaultPlace): Promise<SealStatus | undefined> {
  return readSealStatus(VaultClient.at(place)).catch(() => undefined);
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
  const status = await poll(async () => {
    try {
      return await readSealStatus(vault);
    } catch (error) {
      if (isSilent(error)) last = error;
      else if (!(error instanceof VaultFailure && error.status >= 500)) throw error;
      await whileSilent();
      return undefined;
    }
  }, pace);
  if (status) return status;
  throw last ?? notInTime("answer", vault, "See its log: docker logs of its container.");
}

/** Waits until an unsealed Vault is active: before that it refuses writes. */
export function waitUntilActive(vault: VaultClient): Promise<void> {
  return waitUntil(vault, "sys/health", () => false);
}

/** Waits until an unsealed Vault serves requests, either as the active node or as a standby that forwards them. */
export function waitUntilServing(vault: VaultClient): Promise<void> {
  return waitUntil(vault, "sys/internal/ui/mounts", ({ status }) => status < 500);
}

/** @param isReady whether Vault is ready although it refuses the call */
async function waitUntil(
  vault: VaultClient,
  path: string,
  isReady: (refusal: VaultFailure) => boolean,
): Promise<void> {
  const attempt = async () => {
    try {
      await vault.call({ path }, anything);
      return true;
    } catch (error) {
      if (error instanceof VaultFailure) return isReady(error) || undefined;
      if (isSilent(error)) return undefined;
      throw error;
    }
  };
  if (!(await poll(attempt, pace))) throw notInTime("become active", vault, fixInactive);
}

/** Whether nothing answers, which can change; unlike another program. */
function isSilent(error: unknown): error is VaultUnreachable {
  return error instanceof VaultUnreachable && !(error instanceof NotVault);
}

function notInTime(what: string, vault: VaultClient, fix: string): UserError {
  return new UserError({
    problem: `Vault at ${vault.address} did not ${what} within ${patience / 1000} s.`,
    fix,
  });
}
