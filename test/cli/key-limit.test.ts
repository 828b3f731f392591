import { describeLimit } from "../../lib/cli/commands/key-limit";
import type { BudgetReport } from "../../lib/operations/key/budget";

const report = (result: BudgetReport["result"]): BudgetReport => ({
  ...{ version: 1, instance: "default", result, key: "9c4061667811ba85" },
  ...{ limitUsd: 34.5, remainingUsd: 34.5, pendingCleanups: { done: [], left: [] } },
});

test.each([
  ["rotated", true],
  ["set", false],
  ["as it was", false],
  ["undone", false],
] as const)(
  "a running gateway keeps a key that is disabled only where it was replaced: %s",
  (result, isTold) => {
    expect(describeLimit(report(result), "30 EUR").includes("openclaw secrets reload")).toBe(isTold);
  },
);
