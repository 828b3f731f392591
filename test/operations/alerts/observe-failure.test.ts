import type { Observation } from "../../../lib/model/alert";
import { judge } from "../../../lib/operations/alerts/judge";
import { observeCheck } from "../../../lib/operations/alerts/observe-check";
import { observeDrift } from "../../../lib/operations/alerts/observe-drift";
import { observeFailure } from "../../../lib/operations/alerts/observe-failure";
import { noAlerts } from "../../../lib/store/records/alert-state";

const at = "2026-11-20T12:00:00.000Z";
test("a run that ended with an error is told when it happens twice", () => {
  expect(observeFailure(at, "check", "no\nway").conditions).toEqual([
    {
      id: "check.failed:check",
      severity: "warning",
      twice: true,
      summary: "The scheduled check failed: no way",
    },
  ]);
});

test.each<[string, Observation]>([
  [
    "check",
    observeCheck(
      { started: at, results: [{ id: "vault.unsealed", status: "fail", summary: "sealed" }], measured: {} },
      { budget: { alertEur: 10, hardLimitEur: 30, usdPerEur: 2, rateDate: "2026-11-01", priceCeiling: 10 } },
      [],
    ),
  ],
  [
    "drift",
    observeDrift({ started: at, skipped: [{ what: "key", because: "Vault is sealed" }], findings: [] }),
  ],
])("a %s that gives a report, whatever it says, ends a failure before it", (name, report) => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const crash = observeFailure(at, name, "no way");
  let state = noAlerts;
  const isOpen = [crash, report, crash, crash, report].map((each) => {
    state = judge(state, each, origin);
    return `check.failed:${name}` in state.open;
  });
  expect(isOpen).toEqual([false, false, false, true, false]);
});
