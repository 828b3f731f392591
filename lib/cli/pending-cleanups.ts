import { hanging } from "../core/text";
import { minuteOf } from "../core/time";
import { keysPage } from "../model/openrouter-key";
import type { CleanupsResult } from "../operations/key/run-pending-cleanups";

/** The finished and the pending cleanups of old keys at OpenRouter, as lines. */
export function describeCleanups({ done, left }: CleanupsResult): string[] {
  const pending = left.map(({ key, due, why }) => {
    const text = due
      ? `The key ${key} is disabled. A run with a management key after ${minuteOf(due)} deletes it, or delete it yourself at ${keysPage}.`
      : `The key ${key} still has to be disabled and deleted: ${why}. A later run with a management key does it, or do it yourself at ${keysPage}.`;
    return hanging("! ", text).join("\n");
  });
  return [...done, ...pending];
}

/** Told after a rotation that reloaded nothing: the previous key can be disabled already. */
export const reloadNeeded = "A running gateway uses the previous key until you run: openclaw secrets reload";
