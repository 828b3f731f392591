import { existsSync } from "node:fs";
import { readLastCheck } from "../check";
import type { Deployment } from "../model/deployment";
import { lastDrift } from "../store/history";
import { alertStateRecord } from "../store/records/alert-state";
import { readBackups } from "../store/records/backup-record";
import { sealStatusIfAny } from "../vault/wait";

/** What is measured of an instance. */
type Measurements = Awaited<ReturnType<typeof measurements>>;

/** Reads what is measured of an instance: its records, and Vault's seal. */
export async function measurements(deployment: Deployment) {
  const { home, instance } = deployment;
  const state = alertStateRecord.read(home);
  const drift = lastDrift(home, new Date());
  const seal = await sealStatusIfAny(deployment);
  return {
    instance,
    vaultSealed: seal?.sealed,
    check: readLastCheck(home),
    drift: drift && { at: drift.at, findings: drift.problems.length, isWhole: drift.isWhole },
    lastBackup: readBackups(home).findLast(({ file }) => existsSync(file))?.created,
    alerts: { open: Object.keys(state?.open ?? {}).length, waiting: state?.spool.length ?? 0 },
  };
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * The metrics of an instance for node_exporter's textfile collector, in Prometheus' text format.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/practices/naming/
 */
export function renderMetrics(of: Measurements): string {
  const { check, drift, vaultSealed, lastBackup, alerts } = of;
  const measured = check?.measured;
  const metric = (name: string, help: string, samples: readonly Sample[]) =>
    samples.length === 0
      ? []
      : [
          `# HELP openclaw_openrouter_${name} ${help}`,
          `# TYPE openclaw_openrouter_${name} gauge`,
          ...samples.map(
            ({ labels, value }) =>
              `openclaw_openrouter_${name}${rendered({ openclaw_instance: of.instance, ...labels })} ${value}`,
          ),
        ];
  const one = (value: number | undefined): Sample[] => (value === undefined ? [] : [{ value }]);
  const time = (text: string | undefined): Sample[] =>
    one(text === undefined ? undefined : Date.parse(text) / 1000);
  return `${[
    ...metric(
      "vault_sealed",
      "Whether Vault is sealed.",
      one(vaultSealed === undefined ? undefined : Number(vaultSealed)),
    ),
    ...metric(
      "check_success",
      "Whether a check passed, or warned only. As last tried; one that was never tried is missing.",
      Object.entries(check?.statuses ?? {})
        .filter(([, status]) => status !== "skip")
        .map(([id, status]) => ({ labels: { check: id }, value: status === "fail" ? 0 : 1 })),
    ),
    ...metric("check_timestamp_seconds", "When the last check ran.", time(check?.at)),
    ...metric(
      "spent_month_dollars",
      "Spent by the key since the month began, as OpenRouter reports it.",
      one(measured?.spentMonthUsd),
    ),
    ...metric("key_expiry_timestamp_seconds", "When the OpenRouter key expires.", time(measured?.keyExpires)),
    ...metric(
      "key_rotate_by_timestamp_seconds",
      "When the OpenRouter key is due for rotation.",
      time(measured?.keyRotateBy),
    ),
    ...metric("drift_timestamp_seconds", "When the last scheduled drift check ran.", time(drift?.at)),
    ...metric(
      "drift_undetermined",
      "Whether it could not inspect everything.",
      one(drift && Number(!drift.isWhole)),
    ),
    ...metric(
      "drift_findings",
      "The number of differences that it found. If it found none and could not inspect everything, it is missing.",
      one(drift && (drift.isWhole || drift.findings > 0) ? drift.findings : undefined),
    ),
    ...metric(
      "backup_timestamp_seconds",
      "When the newest backup was made whose file is there.",
      time(lastBackup),
    ),
    ...metric(
      "alerts_open",
      "The number of states that a person was told and that are not resolved.",
      one(alerts.open),
    ),
    ...metric("alerts_waiting", "The number of messages on their way.", one(alerts.waiting)),
  ].join("\n")}\n`;
}

function rendered(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n");
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",")}}`;
}
