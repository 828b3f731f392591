import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { type CheckReport, checkReport, reportOutcome } from "../report/check-report";

/** The record of an instance's last check. */
const lastCheck = checkReport.pick({ outcome: true, keyLabel: true, measured: true }).extend({
  /** The time of the last check, ISO 8601. */
  at: z.string(),
  /** The status of each check, by its id. */
  statuses: z.record(z.string(), z.enum(["pass", "warn", "fail", "skip"])),
});
export type LastCheck = z.output<typeof lastCheck>;

/** Records a check as the instance's last one. */
export function recordCheck(home: HomePaths, report: CheckReport): void {
  const { started, outcome, keyLabel, measured } = report;
  writeJson(home.lastCheck, {
    at: started,
    outcome,
    statuses: statusesOf(report),
    ...(keyLabel ? { keyLabel } : {}),
    ...(measured ? { measured } : {}),
  } satisfies LastCheck);
}

/** Records a check of some lines alone: the others stay as the last whole check found them. Without one, nothing is recorded. */
export function recordPartOfCheck(home: HomePaths, report: CheckReport): void {
  const last = readLastCheck(home);
  if (!last) return;
  const statuses = { ...last.statuses, ...statusesOf(report) };
  const outcome = reportOutcome(Object.values(statuses).map((status) => ({ status })));
  writeJson(home.lastCheck, { ...last, outcome, statuses } satisfies LastCheck);
}

function statusesOf({ results }: CheckReport): LastCheck["statuses"] {
  return Object.fromEntries(results.map(({ id, status }) => [id, status]));
}

/** The instance's last check; undefined if there was none. */
export function readLastCheck(home: HomePaths): LastCheck | undefined {
  return readJsonIfThere(home.lastCheck, lastCheck);
}
