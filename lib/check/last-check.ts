import { z } from "zod";
import { attempt } from "../core/attempt";
import { defined } from "../core/defined";
import type { HomePaths } from "../model/home-paths";
import { type CheckReport, checkReport, reportOutcome } from "../report/check-report";
import { defineRecord } from "../store/records/record";
import { isUntried } from "./run-checks";

/** The record of an instance's last check. */
const lastCheck = checkReport.pick({ outcome: true, keyLabel: true, measured: true }).extend({
  /** The time of the last check, ISO 8601. */
  at: z.string(),
  /** The status of each check, by its id. */
  statuses: z.record(z.string(), z.enum(["pass", "warn", "fail", "skip"])),
});
export type LastCheck = z.output<typeof lastCheck>;

const file = defineRecord("lastCheck", lastCheck);
/** The instance's last check; undefined if there was none. */
export const readLastCheck = file.read;

/**
 * Records a check as the instance's last one. The lines that it did not try, as most scheduled checks do not try the chats, stay as
 * the last check found them that tried them.
 */
export function recordCheck(home: HomePaths, report: CheckReport): void {
  const { started, keyLabel, measured } = report;
  // A damaged record is replaced.
  const before = attempt(() => readLastCheck(home));
  const statuses = statusesOf(report, before);
  const outcome = outcomeOf(statuses);
  file.write(home, { at: started, outcome, statuses, ...defined({ keyLabel, measured }) });
}

/** Records a check of some lines alone: the others stay as the last whole check found them. Without one, nothing is recorded. */
export function recordPartOfCheck(home: HomePaths, report: CheckReport): void {
  const last = readLastCheck(home);
  if (!last) return;
  const statuses = { ...last.statuses, ...statusesOf(report, last) };
  file.write(home, { ...last, outcome: outcomeOf(statuses), statuses });
}

function outcomeOf(statuses: LastCheck["statuses"]): LastCheck["outcome"] {
  return reportOutcome(Object.values(statuses).map((status) => ({ status })));
}

function statusesOf({ results }: CheckReport, before: LastCheck | undefined): LastCheck["statuses"] {
  return Object.fromEntries(
    results.map((result) => [
      result.id,
      (isUntried(result) ? before?.statuses[result.id] : undefined) ?? result.status,
    ]),
  );
}
