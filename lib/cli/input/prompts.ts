import { wrongUsage } from "../../core/errors";
import { plain } from "../../core/plain-text";
import type { Confirm } from "../../docker/engine-install";
import { isTerminal, say, surface } from "../output";

/** Whether a person can answer questions. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && isTerminal() && !process.env.CI);
}

/** Prompts go to standard error too. Their library is loaded at the first question: most runs ask nothing. */
const context = { output: surface };

/** Asks a yes-or-no question. Requires {@link isInteractive}. */
export async function confirm(message: string, byDefault: boolean): Promise<boolean> {
  const { default: prompt } = await import("@inquirer/confirm");
  return prompt({ message: plain(message), default: byDefault }, context);
}

/**
 * Asks before a Docker Engine is installed or started. If nobody can be asked, the engine is started, and installed only by
 * commands for fresh hosts; a message says so.
 * @param install whether the command is for fresh hosts and runs without --no-install
 */
export function confirmEngine(install: boolean): Confirm {
  return async (question, step) => {
    const isRefused = step === "install" && !install;
    if (isInteractive()) return !isRefused && confirm(question, true);
    if (!isRefused) say(`! ${question} Nobody can be asked here, so this is done.`);
    return !isRefused;
  };
}

/** For a deployed instance: if its engine is gone, no other one is installed. */
export const confirmStarting = confirmEngine(false);

/** Asks before something is lost or replaced. Without a person, the answer is no. */
export function confirmLoss(question: string): Promise<boolean> {
  return isInteractive() ? confirm(question, false) : Promise.resolve(false);
}

/** Asks for a secret without showing it. */
export async function askSecret(message: string): Promise<string> {
  const { default: prompt } = await import("@inquirer/password");
  return prompt({ message: plain(message), mask: "•" }, context);
}

/** Asks for a line of text. Requires {@link isInteractive}. @returns "" for Enter alone */
export async function askLine(message: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const lines = createInterface({ input: process.stdin, output: surface });
  const gone = new AbortController();
  // Ctrl-C and Ctrl-D: the same error as at the other prompts.
  lines.once("SIGINT", () => gone.abort()).once("close", () => gone.abort());
  try {
    return (await lines.question(`${plain(message)} `, { signal: gone.signal })).trim();
  } catch {
    throw Object.assign(new Error("no answer"), { name: "ExitPromptError" });
  } finally {
    lines.close();
  }
}

/**
 * Says what will be done, and asks unless `--yes` is given.
 * @throws UserError (wrong usage) if nobody can be asked
 */
export async function requireYes(what: string, { yes }: { readonly yes?: boolean }): Promise<boolean> {
  requireAnswer("this removes or replaces things", { yes });
  if (yes) return true;
  say(what);
  if (await confirmLoss("Go on?")) return true;
  say("Nothing was changed.");
  return false;
}

/** @throws UserError (wrong usage) if nobody can be asked, without `--yes`. @param why the reason to ask */
export function requireAnswer(why: string, { yes }: { readonly yes?: boolean | undefined }): void {
  if (yes || isInteractive()) return;
  throw wrongUsage({ problem: `Nobody can be asked here, and ${why}.`, fix: "Add --yes." });
}
