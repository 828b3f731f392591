import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "../../core/errors";
import type { VaultClient } from "../client";
import { asDisturbed, Disturbed, SharesRefused } from "./give-shares";

/** Somebody went on disturbing what takes shares. It says nothing about the shares. */
export class KeptFromIt extends UserError {}

/** How often it is tried at most, and how many milliseconds it waits then at most: eight seconds in all. */
const most = 20;
const longestPause = 500;

/** One refusal may be a stranger's doing, who gave as many shares of his own in between. So many in a row are not. */
const refusals = 3;

/**
 * Does what takes shares from its beginning, and again where somebody disturbs it.
 * @param what such as `generate-root`, for the message
 * @throws SharesRefused where Vault refuses the shares again and again
 * @throws KeptFromIt where it was disturbed each time
 */
export async function undisturbed<T>(vault: VaultClient, what: string, work: () => Promise<T>): Promise<T> {
  let refused = 0;
  let last = "";
  for (let attempt = 1; attempt <= most; attempt++) {
    // By chance, so that it does not keep step with who disturbs it.
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
    problem: `Somebody keeps cancelling the attempts at ${what} of the Vault at ${vault.address}. Of the shares that is no proof: none were removed.`,
    got: `${most} attempts, disturbed each time; last: ${last}`,
    expected: "nobody else who cancels, resets or begins one meanwhile: Vault asks for no token to do so",
    fix: "End what calls sys/generate-root, sys/rekey or sys/unseal there (another person's `vault operator`, or a program of another user of this host), then run this again.",
  });
}
