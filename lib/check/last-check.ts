import { z } from "zod";
import { checkIds } from "../config/check-ids";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import type { CheckReport } from "../report/check-report";
import type { Status } from "../report/finding";

/** The record of an instance's last check. */
const lastCheck = z.object({
  /** The time of the last check, ISO 8601. */
  at: z.string(),
  outcome: z.enum(["pass", "warn", "fail"]),
  counts: z.object({ pass: z.int(), warn: z.int(), fail: z.int(), skip: z.int() }),
  keyLabel: z.string().exactOptional(),
  /** The statuses last reported to the `--on-change` command. */
  notified: z.partialRecord(z.enum(checkIds), z.string()).exactOptional(),
});
type LastCheck = z.output<typeof lastCheck>;

/** Records a check as the instance's last one. */
export function recordCheck(home: HomePaths, report: CheckReport): void {
  write(home, report, readJsonIfThere(home.lastCheck, lastCheck)?.notified);
}

/** Records that a report was passed to the `--on-change` command. */
export function recordNotified(home: HomePaths, report: CheckReport): void {
  write(home, report, { ...readJsonIfThere(home.lastCheck, lastCheck)?.notified, ...statuses(report) });
}

/**
 * Whether a check that was tried has another status than the one last reported to the `--on-change` command. A check that
 * was never reported counts as passed.
 */
export function isChanged(home: HomePaths, report: CheckReport): boolean {
  const notified: LastCheck["notified"] = readJsonIfThere(home.lastCheck, lastCheck)?.notified;
  return Object.entries(statuses(report)).some(
    ([id, status]) => status !== (notified?.[id as keyof typeof notified] ?? "pass"),
  );
}

/** The status of each check that was tried: a skipped check says nothing new. */
function statuses({ results }: CheckReport): Record<string, string> {
  return Object.fromEntries(
    results.filter(({ status }) => status !== "skip").map(({ id, status }) => [id, status]),
  );
}

function write(
  home: HomePaths,
  { started, outcome, results, keyLabel }: CheckReport,
  notified: LastCheck["notified"],
): void {
  const count = (wanted: Status) => results.filter(({ status }) => status === wanted).length;
  writeJson(home.lastCheck, {
    at: started,
    outcome,
    counts: { pass: count("pass"), warn: count("warn"), fail: count("fail"), skip: count("skip") },
    ...(keyLabel ? { keyLabel } : {}),
    ...(notified ? { notified } : {}),
  } satisfies LastCheck);
}
