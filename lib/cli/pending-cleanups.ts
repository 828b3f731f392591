import { wrap } from "../core/text";
import type { CleanupsResult } from "../operations/key/run-pending-cleanups";
import { say } from "./output";

const keysPage = "https://openrouter.ai/settings/keys";

/** Prints the finished and the pending cleanups of old keys at OpenRouter. */
export function sayPendingCleanups({ done, left }: CleanupsResult): void {
  for (const line of done) say(line);
  for (const { key, due, why } of left) {
    const text = due
      ? `The key ${key} is disabled. A run with a management key after ${due.slice(0, 16)}Z deletes it, or delete it yourself at ${keysPage}.`
      : `The key ${key} still has to be disabled and deleted: ${why}. A later run with one does it, or do it yourself at ${keysPage}.`;
    say(`! ${wrap(text, 78).join("\n  ")}`);
  }
}
