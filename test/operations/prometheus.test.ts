import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { renderMetrics } from "../../lib/operations/prometheus";

const all = {
  instance: 'a"b',
  vaultSealed: false,
  check: {
    at: "2026-11-20T12:00:00.000Z",
    outcome: "warn",
    statuses: { "key.valid": "pass", "budget.spent": "warn", "chat.default": "fail", "docker.exec": "skip" },
    measured: {
      spentMonthUsd: 1.5,
      keyExpires: "2027-01-01T00:00:00.000Z",
      keyRotateBy: "2026-12-01T00:00:00.000Z",
    },
  },
  drift: { at: "2026-11-20T05:00:00.000Z", findings: 2, isWhole: true },
  lastBackup: "2026-11-16T00:00:00.000Z",
  alerts: { open: 1, waiting: 0 },
} as const;

test("everything that is known, in Prometheus' text format", () => {
  expect(renderMetrics(all)).toMatchInlineSnapshot(`
    "# HELP openclaw_openrouter_vault_sealed Whether Vault is sealed.
    # TYPE openclaw_openrouter_vault_sealed gauge
    openclaw_openrouter_vault_sealed{openclaw_instance="a\\"b"} 0
    # HELP openclaw_openrouter_check_success Whether a check passed, or warned only. As last tried; one that was never tried is missing.
    # TYPE openclaw_openrouter_check_success gauge
    openclaw_openrouter_check_success{openclaw_instance="a\\"b",check="key.valid"} 1
    openclaw_openrouter_check_success{openclaw_instance="a\\"b",check="budget.spent"} 1
    openclaw_openrouter_check_success{openclaw_instance="a\\"b",check="chat.default"} 0
    # HELP openclaw_openrouter_check_timestamp_seconds When the last check ran.
    # TYPE openclaw_openrouter_check_timestamp_seconds gauge
    openclaw_openrouter_check_timestamp_seconds{openclaw_instance="a\\"b"} 1795176000
    # HELP openclaw_openrouter_spent_month_dollars Spent by the key since the month began, as OpenRouter reports it.
    # TYPE openclaw_openrouter_spent_month_dollars gauge
    openclaw_openrouter_spent_month_dollars{openclaw_instance="a\\"b"} 1.5
    # HELP openclaw_openrouter_key_expiry_timestamp_seconds When the OpenRouter key expires.
    # TYPE openclaw_openrouter_key_expiry_timestamp_seconds gauge
    openclaw_openrouter_key_expiry_timestamp_seconds{openclaw_instance="a\\"b"} 1798761600
    # HELP openclaw_openrouter_key_rotate_by_timestamp_seconds When the OpenRouter key is due for rotation.
    # TYPE openclaw_openrouter_key_rotate_by_timestamp_seconds gauge
    openclaw_openrouter_key_rotate_by_timestamp_seconds{openclaw_instance="a\\"b"} 1796083200
    # HELP openclaw_openrouter_drift_timestamp_seconds When the last scheduled drift check ran.
    # TYPE openclaw_openrouter_drift_timestamp_seconds gauge
    openclaw_openrouter_drift_timestamp_seconds{openclaw_instance="a\\"b"} 1795150800
    # HELP openclaw_openrouter_drift_undetermined Whether it could not inspect everything.
    # TYPE openclaw_openrouter_drift_undetermined gauge
    openclaw_openrouter_drift_undetermined{openclaw_instance="a\\"b"} 0
    # HELP openclaw_openrouter_drift_findings The number of differences that it found. If it found none and could not inspect everything, it is missing.
    # TYPE openclaw_openrouter_drift_findings gauge
    openclaw_openrouter_drift_findings{openclaw_instance="a\\"b"} 2
    # HELP openclaw_openrouter_backup_timestamp_seconds When the newest backup was made whose file is there.
    # TYPE openclaw_openrouter_backup_timestamp_seconds gauge
    openclaw_openrouter_backup_timestamp_seconds{openclaw_instance="a\\"b"} 1794787200
    # HELP openclaw_openrouter_alerts_open The number of states that a person was told and that are not resolved.
    # TYPE openclaw_openrouter_alerts_open gauge
    openclaw_openrouter_alerts_open{openclaw_instance="a\\"b"} 1
    # HELP openclaw_openrouter_alerts_waiting The number of messages on their way.
    # TYPE openclaw_openrouter_alerts_waiting gauge
    openclaw_openrouter_alerts_waiting{openclaw_instance="a\\"b"} 0
    "
  `);
});

test("what is not known is missing, never zero", () => {
  const text = renderMetrics({
    instance: "a",
    vaultSealed: undefined,
    check: undefined,
    drift: undefined,
    lastBackup: undefined,
    alerts: { open: 0, waiting: 0 },
  });
  expect(text.match(/^# TYPE \S+/gm)).toEqual([
    "# TYPE openclaw_openrouter_alerts_open",
    "# TYPE openclaw_openrouter_alerts_waiting",
  ]);
});

test.each([
  [0, true, [0, 0]],
  [0, false, [1, undefined]],
  [2, false, [1, 2]],
])(
  "a drift check with %d findings that inspected everything (%s) is never clean by what it did not inspect",
  (findings, isWhole, expected) => {
    const text = renderMetrics({ ...all, drift: { at: all.drift.at, findings, isWhole } });
    const sample = (name: string) =>
      new RegExp(`^openclaw_openrouter_${name}{.*} (\\d+)$`, "m").exec(text)?.[1];
    expect([sample("drift_undetermined"), sample("drift_findings")]).toEqual(
      expected.map((each) => each?.toString()),
    );
  },
);

test("the example's rules use metrics that there are", () => {
  const rules = parse(readFileSync(join(__dirname, "../../examples/prometheus/rules.yml"), "utf8"));
  const used = rules.groups.flatMap((group: { rules: { expr: string }[] }) =>
    group.rules.flatMap(({ expr }) => expr.match(/openclaw_openrouter_\w+/g) ?? []),
  );
  expect(used.length).toBeGreaterThan(4);
  for (const name of used) expect(renderMetrics(all)).toContain(`# TYPE ${name} gauge`);
});
