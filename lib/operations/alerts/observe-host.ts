import { existsSync, statSync } from "node:fs";
import { day } from "../../core/time";
import type { Condition, Observation } from "../../model/alert";
import type { Deployment } from "../../model/deployment";
import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import { scriptOf } from "../../session/schedule/schedule-script";
import { channelsRecord } from "../../store/records/alert-channels";
import { deafBecause } from "../../store/records/alert-state";
import { readBackups } from "../../store/records/backup-record";
import { readScheduledRun } from "../../store/records/scheduled-runs";
import { certificateProblem } from "../../vault/tls/certificate-time";
import { readState } from "./tell";

/** How old the newest backup may be: a weekly run, and a day for a host that was off. */
const oldestBackup = 8 * day;

/** The part of a deployment that is read here. */
type Observed = Pick<Deployment, "instance" | "home" | "tls" | "external">;

/**
 * What this host's own records say: whether the scheduled backups are made, whether the host runs its other schedules, and whether
 * the certificate is renewed.
 */
export function observeHost(deployment: Observed, now: Date): Observation {
  const { tls, external } = deployment;
  const certificate = tls && !external && certificateProblem(tls, now);
  return {
    at: now.toISOString(),
    conditions: [
      ...backups(deployment, now),
      ...schedules(deployment, now),
      ...receivers(deployment, now),
      ...(certificate
        ? [
            {
              id: "certificate.not-renewed",
              severity: "critical" as const,
              summary: `${certificate}.`,
              fix: tls.made
                ? "openclaw-openrouter vault unseal, which renews it or says why not"
                : "Renew the files that `vault.tls` names in the settings. The next check has Vault serve them.",
            },
          ]
        : []),
    ],
    determined: [
      "backup.failed",
      "backup.overdue",
      "certificate.not-renewed",
      "schedule.stopped:*",
      "alerts.refused:*",
    ],
  };
}

/** The receivers that hear of nothing, which the others are told of. */
function receivers({ home }: Observed, now: Date): Condition[] {
  const state = readState(home);
  return (channelsRecord.read(home)?.channels ?? []).flatMap(({ name }): Condition[] => {
    const why = deafBecause(state, name, now);
    if (why === undefined) return [];
    const summary = `The receiver ${name} ${why}.`;
    return [
      {
        id: `alerts.refused:${name}`,
        severity: "warning",
        summary,
        fix: `openclaw-openrouter alerts test ${name}`,
      },
    ];
  });
}

/** The check is what runs now, and a backup that is not made has conditions of its own. */
function schedules({ instance, home }: Observed, now: Date): Condition[] {
  // Found twice: at the first check after a boot, what the host missed may not have run yet.
  return inspectSchedules({ instance, home: home.root }, { now, up: Number.POSITIVE_INFINITY })
    .stale.filter(({ command, runs }) => !runs && command !== "check" && command !== "backup")
    .map(({ command, problem, fix }) => ({
      id: `schedule.stopped:${command}`,
      severity: "warning",
      twice: true,
      summary: `The scheduled ${command} ${problem}.`,
      fix,
    }));
}

function backups({ home }: Observed, now: Date): Condition[] {
  const script = scriptOf(home.root, "backup");
  if (!existsSync(script)) return [];
  const fix = "See why: openclaw-openrouter backup create";
  const last = readScheduledRun(home, "backup");
  const newest = readBackups(home).at(-1)?.created;
  // A backup that a person made since is as good.
  if (last && last.exitCode !== 0 && !(Date.parse(newest ?? "") > Date.parse(last.at)))
    return [
      {
        id: "backup.failed",
        severity: "critical",
        summary: `The scheduled backup of ${last.at.slice(0, 10)} failed (exit code ${last.exitCode}).`,
        fix,
      },
    ];
  const since = Math.max(Date.parse(newest ?? "") || 0, statSync(script).mtimeMs);
  if (now.getTime() - since <= oldestBackup) return [];
  return [
    {
      id: "backup.overdue",
      severity: "critical",
      summary: newest ? `The newest backup is of ${newest.slice(0, 10)}.` : "No backup has been made yet.",
      fix,
    },
  ];
}
