import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../../core/errors";
import type { VaultClient } from "../client";
import { asDisturbed, Disturbed, SharesRefused } from "./give-shares";

/** Somebody kept disturbing an operation that takes shares. This proves nothing about the shares. */
export class KeptFromIt extends UserError {}

/** The maximum number of attempts, and the longest pause between two in milliseconds: about eight seconds in all. */
const most = 20;
const longestPause = 500;

/** The number of refusals that count as proof. A single one may come from a stranger who gave shares in between. */
const refusals = 3;

/**
 * Runs an operation that takes shares, and repeats it if somebody disturbs it.
 * @param what such as `generate-root`, for the message
 * @throws SharesRefused if Vault refuses the shares repeatedly
 * @throws KeptFromIt if each attempt is disturbed
 */
export async function undisturbed<T>(vault: VaultClient, what: string, work: () => Promise<T>): Promise<T> {
  let refused = 0;
  let last = "";
  for (let attempt = 1; attempt <= most; attempt++) {
    // A random pause, so that it does not keep step with the other program.
    if (attempt > 1) await pause(Math.random() * Math.min(longestPause, 10 * 2 ** attempt));
    try {
      return await work();
    } catch (thrown) {
      const error = asDisturbed(thrown);
      if (error instanceof SharesRefused) refused += 1;
      else if (!(error instanceof Disturbed)) throw error;
      if (refused === refusals) throw error;
      last = error.message;
    }
  }
  throw keptFromIt(vault, what, last);
}

function keptFromIt(vault: VaultClient, what: string, last: string): KeptFromIt {
  return new KeptFromIt({
    problem: `Somebody keeps cancelling the attempts at ${what} of the Vault at ${vault.address}. This proves nothing about the shares: none were removed.`,
    got: `${most} attempts, disturbed each time; last: ${last}`,
    expected: "nobody else who cancels, resets or begins one meanwhile: Vault asks for no token to do so",
    fix: "Stop what calls sys/generate-root, sys/rekey or sys/unseal there (another person's `vault operator`, or a program of another user of this host), then run this again.",
  });
}
