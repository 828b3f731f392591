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

test("a check that does not try a line says nothing about it: a chat that failed is not green until it is tried again", () => {
  const home = homeOf(scratchFolder());
  recordCheck(home, report("2026-01-01T00:00:00Z", "fail", { "key.valid": "pass", "chat.default": "fail" }));
  const untried = (at: string, key: "pass" | "fail", summary: string) => {
    const { results, ...rest } = report(at, key, { "key.valid": key, "chat.default": "skip" });
    const told = results.map((each) => ({ ...each, summary: each.status === "skip" ? summary : "" }));
    recordCheck(home, { ...rest, results: told });
  };
  untried("2026-01-01T00:15:00Z", "pass", "left out by --no-spend");
  const statuses = { "key.valid": "pass", "chat.default": "fail" };
  expect(readLastCheck(home)).toMatchObject({ at: "2026-01-01T00:15:00Z", outcome: "fail", statuses });
  // It was due when OpenRouter was not reached, and is not due right after.
  untried("2026-01-01T01:00:00Z", "fail", "needs key.valid, which failed");
  untried("2026-01-01T01:15:00Z", "pass", "left out by --no-spend");
  expect(readLastCheck(home)).toMatchObject({ outcome: "fail", statuses });
  // Another line asks that model already: that is what this check found.
  untried("2026-01-01T01:30:00Z", "pass", "asked already, by chat.default");
  expect(readLastCheck(home)).toMatchObject({ outcome: "pass", statuses: { "chat.default": "skip" } });
});
