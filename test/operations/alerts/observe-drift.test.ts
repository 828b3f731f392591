import { judge } from "../../../lib/operations/alerts/judge";
import { type DriftSeen, observeDrift } from "../../../lib/operations/alerts/observe-drift";
import { noAlerts } from "../../../lib/store/records/alert-state";

const at = "2026-11-20T12:00:00.000Z";
const finding = {
  id: "vault.access.root",
  kind: "drift" as const,
  severity: "critical" as const,
  subject: "token x",
  summary: "can read the key",
  fix: { by: "person" as const, command: "revoke it" },
  follows: [],
};

test("a critical drift is reported with its subject; others are not", () => {
  const observation = observeDrift({
    started: at,
    skipped: [],
    findings: [
      finding,
      { ...finding, id: "b", severity: "major" },
      { ...finding, id: "c", kind: "declaration" },
    ],
  });
  expect(observation.conditions).toEqual([
    {
      id: "drift:vault.access.root",
      severity: "critical",
      summary: "token x: can read the key",
      fix: "revoke it",
    },
  ]);
  expect(observation.determined).toContain("drift:*");
});

test("a new way to the key is reported, whatever its severity", () => {
  const { conditions } = observeDrift({
    started: at,
    skipped: [],
    findings: [{ ...finding, id: "vault.access:userpass/eve", severity: "major" }],
  });
  expect(conditions.map(({ id }) => id)).toEqual(["drift:vault.access:userpass/eve"]);
});

const unknown = { ...finding, id: "vault.tokens.unknown", kind: "unknown" as const };
test.each<[string, Partial<DriftSeen>]>([
  ["was skipped", { skipped: [{ what: "vault.tokens", because: "Vault is sealed" }] }],
  ["could not be determined", { findings: [unknown] }],
  ["could not be determined since another thing drifted", { findings: [{ ...finding, follows: [unknown] }] }],
])("a drift check of which a part %s resolves no drift, only that it did not run", (_, seen) => {
  const { determined } = observeDrift({ started: at, findings: [finding], skipped: [], ...seen });
  expect(determined).toEqual(["check.failed:drift"]);
});

test("a drift check that inspects less than it should, day after day, is told until it inspects all again", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const skipped = [
    { what: "plan of the stack vault", because: "Terraform cannot be run" },
    { what: "plan of the stack openrouter", because: "Terraform cannot be run" },
  ];
  const part = observeDrift({ started: at, findings: [], skipped });
  const whole = observeDrift({ started: at, findings: [], skipped: [] });
  expect(part.conditions[0]?.summary).toContain(
    "plan of the stack vault: Terraform cannot be run, and 1 more.",
  );
  let state = noAlerts;
  const isOpen = [part, whole, part, part, whole].map((each) => {
    state = judge(state, each, origin);
    return "drift.undetermined" in state.open;
  });
  expect(isOpen).toEqual([false, false, false, true, false]);
});

test("a drift that now follows from another one is not told as resolved", () => {
  const origin = { instance: "default", id: "2f1c", host: "h", channels: [] };
  const privileged = { ...finding, id: "container.privileged", kind: "drift" as const };
  const renamed = { ...privileged, id: "container.renamed", severity: "major" as const };
  const seen = [[privileged], [{ ...renamed, follows: [privileged] }], [renamed]];
  let state = noAlerts;
  const isOpen = seen.map((findings) => {
    state = judge(state, observeDrift({ started: at, skipped: [], findings }), origin);
    return "drift:container.privileged" in state.open;
  });
  expect(isOpen).toEqual([true, true, false]);
});

test("what an external Vault never shows, or the baseline skipped too, keeps no drift open", () => {
  const skipped = [{ what: "vault.access: groups", because: "not permitted", known: true }];
  expect(observeDrift({ started: at, findings: [], skipped }).determined).toContain("drift:*");
});
