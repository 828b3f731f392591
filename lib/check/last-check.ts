import { z } from "zod";
import { checkIds } from "../config/check-ids";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import type { CheckReport, CheckStatus } from "./report";

/** What is remembered of the checks of an instance. */
const lastCheck = z.object({
  /** When the last one was, ISO 8601. */
  at: z.string(),
  outcome: z.enum(["pass", "warn", "fail"]),
  counts: z.object({ pass: z.int(), warn: z.int(), fail: z.int(), skip: z.int() }),
  keyLabel: z.string().exactOptional(),
  /** The statuses that the command of `--on-change` was last told of. */
  told: z.partialRecord(z.enum(checkIds), z.string()).exactOptional(),
});
type LastCheck = z.output<typeof lastCheck>;

/** Remembers a check as the instance's last one. */
export function recordCheck(home: HomePaths, report: CheckReport): void {
  write(home, report, readJsonIfThere(home.lastCheck, lastCheck)?.told);
}

/** Remembers that the command of `--on-change` was told of a report. */
export function recordTold(home: HomePaths, report: CheckReport): void {
  write(home, report, { ...readJsonIfThere(home.lastCheck, lastCheck)?.told, ...statuses(report) });
}

/**
 * Whether a report differs from what the command of `--on-change` was told of: in any check that was tried. Before it was
 * told anything, all is taken to have passed.
 */
export function isChanged(home: HomePaths, report: CheckReport): boolean {
  const told: LastCheck["told"] = readJsonIfThere(home.lastCheck, lastCheck)?.told;
  return Object.entries(statuses(report)).some(
    ([id, status]) => status !== (told?.[id as keyof typeof told] ?? "pass"),
  );
}

/** Of what was not tried, nothing new is known. */
function statuses({ results }: CheckReport): Record<string, string> {
  return Object.fromEntries(
    results.filter(({ status }) => status !== "skip").map(({ id, status }) => [id, status]),
  );
}

function write(
  home: HomePaths,
  { started, outcome, results, keyLabel }: CheckReport,
  told: LastCheck["told"],
): void {
  const count = (wanted: CheckStatus) => results.filter(({ status }) => status === wanted).length;
  const record: LastCheck = {
    at: started,
    outcome,
    counts: { pass: count("pass"), warn: count("warn"), fail: count("fail"), skip: count("skip") },
    ...(keyLabel ? { keyLabel } : {}),
    ...(told ? { told } : {}),
  };
  writeJson(home.lastCheck, record);
}
