import type { ErrandsResult } from "../lib/deploy/rotation/run-errands";
import { wrap } from "../lib/text";
import { say } from "./output";

/** Says what became of old keys at OpenRouter, and which are left. */
export function sayErrands({ done, left }: ErrandsResult): void {
  for (const line of done) say(line);
  for (const { key, disabled, due, why } of left) {
    const when = due ? `It is disabled; from ${due.slice(0, 16)}Z on` : "To be deleted by";
    const how = due
      ? `${when} a run with a management key deletes it`
      : `${when} a run with a management key`;
    const lines = wrap(
      `The key ${key} is to be deleted: ${why}. ${how}, or you at https://openrouter.ai/settings/keys${disabled ? "" : ", where it can be disabled first"}.`,
      78,
    );
    say(`! ${lines.join("\n  ")}`);
  }
}
