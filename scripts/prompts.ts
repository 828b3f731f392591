import type { Confirm } from "../lib/host/engine-install";
import { plain } from "../lib/plain-text";
import { isTerminal, surface } from "./output";

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

/** Asks before a part is obtained. Without a terminal that needs no yes. */
export const confirmObtaining: Confirm = (question) =>
  isInteractive() ? confirm(question, true) : Promise.resolve(true);

/** Asks before something is lost or replaced: never answered by itself. */
export function confirmLoss(question: string): Promise<boolean> {
  return isInteractive() ? confirm(question, false) : Promise.resolve(false);
}

/** Asks for a secret without showing it. */
export async function askSecret(message: string): Promise<string> {
  const { default: prompt } = await import("@inquirer/password");
  return prompt({ message: plain(message), mask: "•" }, context);
}
