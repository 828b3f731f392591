import { shortLine } from "../../core/plain-text";
import type { Condition } from "../../model/alert";

/** The longest text of a report that a message quotes. */
const longestQuote = 400;

/** A condition of that severity, which is told at once. */
export const critical = (id: string, summary: string, fix?: string): Condition =>
  withFix({ id, severity: "critical", summary }, fix);
export const warning = (id: string, summary: string, fix?: string): Condition =>
  withFix({ id, severity: "warning", summary }, fix);

function withFix(condition: Condition, fix: string | undefined): Condition {
  return { ...condition, ...(fix ? { fix } : {}) };
}

/** A text of a report on one line, without characters that a terminal obeys. */
export function quoted(text: string): string {
  return shortLine(text, longestQuote);
}
