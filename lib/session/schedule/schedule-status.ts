import { existsSync } from "node:fs";
import { join } from "node:path";
import { assignments } from "../../core/assignments";
import { ExitCode } from "../../core/exit-codes";
import { run } from "../../core/system/process";
import { systemdRuns } from "../../docker/engine";
import { homePaths } from "../../model/home-paths";
import { readScheduledRun, type ScheduledRun } from "../../store/records/scheduled-runs";
import { cronLine } from "./crontab";
import { inspectSchedules } from "./inspect-schedules";
import { occasionOf } from "./occasions";
import { type ScheduledName, scheduledNames } from "./schedule-script";
import { systemctlEnvironment, systemd } from "./systemd";
import { unitOf } from "./units";

/** The schedule of a command on this host. */
export interface ScheduleStatus {
  readonly name: ScheduledName;
  /** The scheduler; undefined if the command is not scheduled. */
  readonly by: "systemd" | "cron" | undefined;
  /** The schedule as text, for example "every day". */
  readonly when: string;
  /** The last run. */
  readonly last?: { readonly at: string; readonly result: string };
  /** The time of the next run, if systemd has a timer for it. */
  readonly next?: string;
  /** Why it does not run, or runs an older program, as text after the command's name. */
  readonly problem?: string;
}

/** Reads the schedules of an instance. Changes nothing. */
export async function readSchedules(instance: {
  readonly instance: string;
  readonly home: string;
}): Promise<ScheduleStatus[]> {
  const { stale } = inspectSchedules(instance);
  return Promise.all(
    scheduledNames.map(async (command): Promise<ScheduleStatus> => {
      const options = { ...instance, command };
      const when = occasionOf(command).said;
      const unit = unitOf(options);
      const { folder, scope } = systemd();
      const problem = stale.find((each) => each.command === command)?.problem;
      const recorded = {
        ...recordedRun(readScheduledRun(homePaths(instance.home), command)),
        ...(problem === undefined ? {} : { problem }),
      };
      if (existsSync(join(folder, `${unit}.service`))) {
        if (!systemdRuns()) return { name: command, by: "systemd", when, ...recorded };
        const hasTimer = existsSync(join(folder, `${unit}.timer`));
        const [service, timer] = await Promise.all([
          show([...scope, "show", `${unit}.service`]),
          hasTimer ? show([...scope, "show", `${unit}.timer`]) : {},
        ]);
        // systemd forgets a run at a reboot; it knows of one that goes on, or that did not begin.
        return { name: command, by: "systemd", when, ...recorded, ...lastRun(service), ...nextRun(timer) };
      }
      return { name: command, by: (await cronLine(options)) ? "cron" : undefined, when, ...recorded };
    }),
  );
}

type Properties = Readonly<Record<string, string>>;

/** The properties that `systemctl show` prints of a unit; empty if it fails. */
async function show(args: readonly string[]): Promise<Properties> {
  const { exitCode, stdout } = await run("systemctl", args, { env: systemctlEnvironment(), timeout: 10_000 });
  return exitCode === 0 ? readProperties(stdout) : {};
}

/** The properties of a unit, as `systemctl show` prints them, one a line. */
export function readProperties(text: string): Properties {
  return assignments(text.split("\n"));
}

/** The last run of a service, from its properties. */
export function lastRun({
  ActiveState,
  ExecMainExitTimestamp,
  ExecMainStartTimestamp,
  ExecMainStatus,
  Result,
}: Properties): Pick<ScheduleStatus, "last"> {
  if (ActiveState === "activating" && ExecMainStartTimestamp)
    return { last: { at: shortTime(ExecMainStartTimestamp), result: "runs now" } };
  if (!ExecMainExitTimestamp) return {};
  const result = Result === "success" ? "success" : failure(Result, ExecMainStatus);
  return { last: { at: shortTime(ExecMainExitTimestamp), result } };
}

/** The last run, from this program's own record. */
function recordedRun(run: ScheduledRun | undefined): Pick<ScheduleStatus, "last"> {
  if (!run) return {};
  const result = run.exitCode === 0 ? "success" : failure("exit-code", String(run.exitCode));
  return { last: { at: shortTime(run.at.replace("T", " ")), result } };
}

function failure(result: string | undefined, status: string | undefined): string {
  if (result !== "exit-code") return `failed, ${result}`;
  const meaning = meanings[Number(status)];
  return `exit code ${status}${meaning ? ` (${meaning})` : ""}`;
}

/** The exit codes with a meaning of their own. */
const meanings: Readonly<Record<number, string>> = {
  [ExitCode.Failed]: "failed",
  [ExitCode.Drift]: "drift",
  [ExitCode.NotApplied]: "settings not deployed",
  [ExitCode.NotDeployed]: "not deployed",
};

/** The next run of a timer, from its properties. */
export function nextRun({ NextElapseUSecRealtime }: Properties): Pick<ScheduleStatus, "next"> {
  return NextElapseUSecRealtime ? { next: shortTime(NextElapseUSecRealtime) } : {};
}

/** `Sat 2026-11-28 21:00:03 UTC` without the day's name and the seconds. */
function shortTime(text: string): string {
  const [, date, time] = /(\d{4}-\d\d-\d\d) (\d\d:\d\d)/.exec(text) ?? [];
  return date ? `${date} ${time} UTC` : text;
}
