import confirmPrompt from "@inquirer/confirm";
import passwordPrompt from "@inquirer/password";
import type { Confirm } from "../lib/host/engine-install";

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return Boolean(process.stdin.isTTY && process.stderr.isTTY && !process.env.CI);
}

/** Prompts go to standard error as well. */
const context = { output: process.stderr };

/** Asks before a part is obtained. Without a terminal that needs no yes. */
export const confirmObtaining: Confirm = (question) =>
  isInteractive() ? confirmPrompt({ message: question, default: true }, context) : Promise.resolve(true);

/** Asks before something is lost or replaced: never answered by itself. */
export function confirmLoss(question: string): Promise<boolean> {
  return isInteractive()
    ? confirmPrompt({ message: question, default: false }, context)
    : Promise.resolve(false);
}

/** Asks for a secret without showing it. */
export function askSecret(message: string): Promise<string> {
  return passwordPrompt({ message, mask: "•" }, context);
}
