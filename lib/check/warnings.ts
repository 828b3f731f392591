import type { CheckId } from "../config/check-ids";
import type { WarningOf } from "../config/check-warnings";
import { type Verdict, warn } from "../report/finding";

/** The warnings of a check, each by its name: so the settings can accept one, and the next one shows. */
export function warningsOf<I extends CheckId>(
  _id: I,
): (warning: WarningOf<I>, summary: string, fix?: string) => Verdict {
  return (warning, summary, fix) => ({ ...warn(summary, fix), warning });
}

/** How a person accepts a warning, as text. */
export function howToAccept<I extends CheckId>(id: I, warning: WarningOf<I>): string {
  const entry = `{ "id": ${JSON.stringify(id)}, "warning": ${JSON.stringify(warning)}, "reason": "…" }`;
  return `accept it in the settings: "check": { "accepted": [${entry}] }`;
}
