import { readLastCheck, recordCheck, recordPartOfCheck } from "../../lib/check";
import type { CheckReport } from "../../lib/report/check-report";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

type Status = CheckReport["results"][number]["status"];

function report(
  started: string,
  outcome: CheckReport["outcome"],
  statuses: Record<string, Status>,
): CheckReport {
  const results = Object.entries(statuses).map(([id, status]) => ({ id, status, summary: "" }));
  return { version: 1, instance: "default", started, outcome, results, costUsd: 0 } as unknown as CheckReport;
}

const whole = report("2026-01-01T00:00:00Z", "fail", { "vault.reachable": "pass", "budget.limit": "fail" });

test("a check of one line leaves the others, and the time, as the whole check found them", () => {
  const home = homeOf(scratchFolder());
  recordCheck(home, { ...whole, keyLabel: "sk-or-v1-abc...xyz" });
  recordPartOfCheck(home, report("2026-01-02T00:00:00Z", "pass", { "openclaw.user": "pass" }));
  expect(readLastCheck(home)).toEqual({
    at: whole.started,
    outcome: "fail",
    keyLabel: "sk-or-v1-abc...xyz",
    statuses: { "vault.reachable": "pass", "budget.limit": "fail", "openclaw.user": "pass" },
  });
});

test("a line that passes now is no more the reason of a failure, and one that fails is one", () => {
  const home = homeOf(scratchFolder());
  recordCheck(home, whole);
  recordPartOfCheck(home, report("2026-01-02T00:00:00Z", "pass", { "budget.limit": "pass" }));
  expect(readLastCheck(home)?.outcome).toBe("pass");
  recordPartOfCheck(home, report("2026-01-03T00:00:00Z", "fail", { "vault.reachable": "fail" }));
  expect(readLastCheck(home)?.outcome).toBe("fail");
});

test("without a whole check before, a part is none", () => {
  const home = homeOf(scratchFolder());
  recordPartOfCheck(home, whole);
  expect(readLastCheck(home)).toBeUndefined();
});

test("a check that leaves a line out says nothing about it: a chat that failed is not green until it is tried again", () => {
  const home = homeOf(scratchFolder());
  recordCheck(home, report("2026-01-01T00:00:00Z", "fail", { "key.valid": "pass", "chat.default": "fail" }));
  const without = report("2026-01-01T00:15:00Z", "pass", { "key.valid": "pass", "chat.default": "skip" });
  const results = without.results.map((each) => ({
    ...each,
    summary: each.status === "skip" ? "left out by --no-spend" : "",
  }));
  recordCheck(home, { ...without, results });
  expect(readLastCheck(home)).toMatchObject({
    ...{ at: without.started, outcome: "fail" },
    statuses: { "key.valid": "pass", "chat.default": "fail" },
  });
  // Not tried because something else failed: that is what this check found.
  recordCheck(home, without);
  expect(readLastCheck(home)).toMatchObject({ outcome: "pass", statuses: { "chat.default": "skip" } });
});
