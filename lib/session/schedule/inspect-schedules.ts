import { existsSync, realpathSync, statSync } from "node:fs";
import { uptime } from "node:os";
import { dirname } from "node:path";
import { readTextIfThere } from "../../core/files/files";
import { packageRoot } from "../../core/system/package-root";
import { minuteOf } from "../../core/time";
import { describeProgram, isOlder } from "../../host/installed-program";
import { homePaths } from "../../model/home-paths";
import { readScheduledRun } from "../../store/records/scheduled-runs";
import { occasionOf } from "./occasions";
import { type ProgramStart, type ScheduledName, scheduledNames, scriptOf, startOf } from "./schedule-script";
import { notRunBecause, type ScheduleOptions } from "./units";

/** A schedule that does not run, or not the current program. */
interface StaleSchedule {
  readonly command: ScheduledName;
  /** The problem, as text after the command's name. */
  readonly problem: string;
  /** Whether it runs all the same, an older program. */
  readonly runs: boolean;
  readonly fix: string;
}

/** The seconds after a boot in which a run that the host missed while it was off is made up for. */
const catchUp = 30 * 60;

/**
 * The schedules of an instance on this host, and those whose program is missing, damaged, or older than this one, whose unit is
 * lost or disabled, or that did not run when they should have.
 */
export function inspectSchedules(
  { home, instance }: Omit<ScheduleOptions, "command">,
  {
    root = packageRoot(),
    now = new Date(),
    up = uptime(),
  }: { readonly root?: string; readonly now?: Date; readonly up?: number } = {},
): { readonly scheduled: readonly ScheduledName[]; readonly stale: readonly StaleSchedule[] } {
  const scheduled = scheduledNames.filter((command) => existsSync(scriptOf(home, command)));
  const stale = scheduled.flatMap((command): StaleSchedule[] => {
    const script = scriptOf(home, command);
    const program = problemOf(startOf(readTextIfThere(script) ?? ""), root);
    const last = readScheduledRun(homePaths(home), command)?.at;
    const stopped =
      notRunBecause({ command, instance, home }) ??
      (up < catchUp ? undefined : overdue(command, last, statSync(script).mtime, now));
    if (program?.runs !== false && stopped !== undefined) {
      // `up` renews what a schedule runs, not the unit or the crontab's line that runs it.
      const fix = `openclaw-openrouter schedule add ${command}`;
      return [{ command, problem: stopped, runs: false, fix }];
    }
    return program ? [{ command, ...program, fix: "openclaw-openrouter up" }] : [];
  });
  return { scheduled, stale };
}

/** @param since when its script was last written */
function overdue(
  command: ScheduledName,
  last: string | undefined,
  since: Date,
  now: Date,
): string | undefined {
  const { overdueHours } = occasionOf(command);
  if (overdueHours === undefined) return undefined;
  const from = Math.max(Date.parse(last ?? "") || 0, since.getTime());
  if (now.getTime() - from <= overdueHours * 3_600_000) return undefined;
  return last ? `did not run since ${minuteOf(last)}` : "never ran";
}

function problemOf(
  start: ProgramStart | undefined,
  root: string,
): Pick<StaleSchedule, "problem" | "runs"> | undefined {
  const broken = (problem: string) => ({ problem, runs: false });
  if (!start) return broken("has a script that this program did not write");
  for (const path of [start.program, start.node])
    if (!existsSync(path)) return broken(`runs ${path}, which is missing`);
  const other = dirname(dirname(realpathSync(start.program)));
  try {
    if (!isOlder(other, root)) return undefined;
    return { problem: `runs an older program: ${describeProgram(other)}`, runs: true };
  } catch {
    return broken(`runs ${start.program}, which is damaged`);
  }
}
