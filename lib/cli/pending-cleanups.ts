import { wrap } from "../core/text";
import type { CleanupsResult } from "../operations/key/run-pending-cleanups";
import { say } from "./output";

const keysPage = "https://openrouter.ai/settings/keys";

/** Says what became of old keys at OpenRouter, and which are left. */
export function sayPendingCleanups({ done, left }: CleanupsResult): void {
  for (const line of done) say(line);
  for (const { key, due, why } of left) {
    const text = due
      ? `The key ${key} is disabled. A run with a management key deletes it from ${due.slice(0, 16)}Z on, or you at ${keysPage}.`
      : `The key ${key} is to be disabled and deleted: ${why}. A later run with one does it, or you at ${keysPage}.`;
    say(`! ${wrap(text, 78).join("\n  ")}`);
  }
}
