import { plain } from "../../core/plain-text";
import type { Confirm } from "../../docker/engine-install";
import { isTerminal, say, surface } from "../output";

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && isTerminal() && !process.env.CI);
}

/** Prompts go to standard error as well. Their library is loaded when somebody is asked: most runs ask nothing. */
const context = { output: surface };

/** Asks a question that is answered by yes or no, if {@link isInteractive}. */
export async function confirm(message: string, byDefault: boolean): Promise<boolean> {
  const { default: prompt } = await import("@inquirer/confirm");
  return prompt({ message: plain(message), default: byDefault }, context);
}

/**
 * Asks before the host gets a Docker Engine, or its engine is started. If nobody can be asked, it is started; it is installed by
 * a command for fresh hosts alone. Either is said.
 * @param install whether the command is one for fresh hosts, and was not told --no-install
 */
export function confirmEngine(install: boolean): Confirm {
  return async (question, step) => {
    const isRefused = step === "install" && !install;
    if (isInteractive()) return !isRefused && confirm(question, true);
    if (!isRefused) say(`! ${question} Nobody can be asked here, so this is done.`);
    return !isRefused;
  };
}

/** For an instance that is deployed: where its engine is gone, another one is not installed. */
export const confirmStarting = confirmEngine(false);

/** Offers what does no harm. */
export function offer(question: string): Promise<boolean> {
  return confirm(question, true);
}

/** Asks before something is lost or replaced: never answered by itself. */
export function confirmLoss(question: string): Promise<boolean> {
  return isInteractive() ? confirm(question, false) : Promise.resolve(false);
}

/** Asks for a secret without showing it. */
export async function askSecret(message: string): Promise<string> {
  const { default: prompt } = await import("@inquirer/password");
  return prompt({ message: plain(message), mask: "•" }, context);
}
