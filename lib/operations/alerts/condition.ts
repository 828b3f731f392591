import type { Condition } from "../../model/alert";

/** A condition of that severity, which is told at once. */
export const critical = (id: string, summary: string, fix?: string): Condition =>
  withFix({ id, severity: "critical", summary }, fix);
export const warning = (id: string, summary: string, fix?: string): Condition =>
  withFix({ id, severity: "warning", summary }, fix);

function withFix(condition: Condition, fix: string | undefined): Condition {
  return { ...condition, ...(fix ? { fix } : {}) };
}
