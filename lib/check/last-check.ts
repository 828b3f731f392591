import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { type CheckReport, checkReport } from "../report/check-report";

/** The record of an instance's last check. */
const lastCheck = checkReport.pick({ outcome: true, keyLabel: true, measured: true }).extend({
  /** The time of the last check, ISO 8601. */
  at: z.string(),
  /** The status of each check, by its id. */
  statuses: z.record(z.string(), z.enum(["pass", "warn", "fail", "skip"])),
});
export type LastCheck = z.output<typeof lastCheck>;

/** Records a check as the instance's last one. */
export function recordCheck(
  home: HomePaths,
  { started, outcome, results, keyLabel, measured }: CheckReport,
): void {
  writeJson(home.lastCheck, {
    at: started,
    outcome,
    statuses: Object.fromEntries(results.map(({ id, status }) => [id, status])),
    ...(keyLabel ? { keyLabel } : {}),
    ...(measured ? { measured } : {}),
  } satisfies LastCheck);
}

/** The instance's last check; undefined if there was none. */
export function readLastCheck(home: HomePaths): LastCheck | undefined {
  return readJsonIfThere(home.lastCheck, lastCheck);
}
