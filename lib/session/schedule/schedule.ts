import { existsSync, rmSync } from "node:fs";
import { isAbsolute } from "node:path";
import { attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { readTextIfThere, writePrivateFile } from "../../core/files/files";
import { requireTrusted } from "../../core/files/trusted-path";
import { systemdRuns } from "../../docker/engine";
import { scheduledProgram } from "../../host/installed-program";
import { cronLine, lineFor } from "./crontab";
import { occasionOf } from "./occasions";
import { type ProgramStart, renderScript, scheduledNames, scriptOf, withStart } from "./schedule-script";
import { requireManager } from "./systemd";
import { installUnits, removeUnits, type ScheduleOptions } from "./units";

/** How a schedule starts its command. */
export interface ScheduledCommand extends ScheduleOptions {
  /** The program's path. */
  readonly program: string;
  /** Its arguments after the command. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** The Vault that `unseal` opens. */
  readonly vault?: ProgramStart["vault"];
}

/** The installed unit, as text for a person; or, without systemd, the line to add to a crontab manually. */
export type Installed = { readonly by: string } | { readonly cronLine: string };

/**
 * Schedules a command with a systemd unit. If systemd does not run, returns the line for a crontab: only its owner edits the
 * crontab.
 * @throws UserError if neither scheduler can express the path, or the user's own systemd does not run
 */
export async function installSchedule(scheduled: ScheduledCommand): Promise<Installed> {
  const { home, command } = scheduled;
  const script = scriptOf(home, command);
  requireOneLine(script);
  const { vault, ...call } = scheduled;
  const start = { node: process.execPath, program: scheduled.program };
  const isAtBoot = occasionOf(command).calendar === undefined;
  const asks = command === "unseal" && !isAtBoot && vault ? { vault } : {};
  if (systemdRuns()) requireManager();
  const environment = { ...call.environment, PATH: searchPath(call.environment) };
  const place = { folder: folderFor(home), environment };
  writePrivateFile(script, renderScript({ ...call, ...start, ...asks, isAtBoot, ...place }));
  if (systemdRuns()) return { by: await installUnits(scheduled, script) };
  return { cronLine: lineFor(scheduled, script) };
}

/**
 * Where a scheduled command runs: in the current folder, whose settings it then finds. In a folder in which others can put a settings
 * file, it would be refused at each run from then on, so it runs in the instance directory instead.
 */
function folderFor(home: string): string {
  const here = attempt(() => process.cwd());
  return here !== undefined && isTrusted(here) ? here : home;
}

/** As root, the PATH without the folders in which another user could put a program: the script starts curl and others by name. */
function searchPath({ PATH }: NodeJS.ProcessEnv): string | undefined {
  if (process.geteuid?.() !== 0) return PATH;
  return PATH?.split(":")
    .filter((folder) => isAbsolute(folder) && existsSync(folder) && isTrusted(folder))
    .join(":");
}

/** Whether no other user can put something into a folder. */
function isTrusted(folder: string): boolean {
  const found = attempt(() => {
    requireTrusted(folder, "The folder");
    return folder;
  });
  return found !== undefined;
}

/** Refuses control characters, which no line of a unit or a crontab can hold. */
function requireOneLine(path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern looks for them.
  if (!/[\u0000-\u001f\u007f]/.test(path)) return;
  throw new UserError({
    problem:
      "The instance directory's path has a line break or another control character, which no scheduler can express.",
    got: JSON.stringify(path),
    fix: "Name another root by OPENCLAW_OPENROUTER_HOME.",
  });
}

/** What was removed. */
export interface Uninstalled {
  /** Whether there was a schedule. */
  readonly found: boolean;
  /** A line in this user's crontab, which its owner must remove. */
  readonly cronLine?: string;
}

/** Removes what {@link installSchedule} installed. */
export async function uninstallSchedule(options: ScheduleOptions): Promise<Uninstalled> {
  const script = scriptOf(options.home, options.command);
  const hadUnits = await removeUnits(options);
  const line = await cronLine(options);
  const found = hadUnits || line !== undefined || existsSync(script);
  rmSync(script, { force: true });
  return { found, ...(line === undefined ? {} : { cronLine: line }) };
}

/** The lines of this user's crontab that run an instance's commands. */
export async function cronLinesOf(options: Omit<ScheduleOptions, "command">): Promise<string[]> {
  const lines = await Promise.all(scheduledNames.map((command) => cronLine({ ...options, command })));
  return lines.flatMap((line) => line ?? []);
}

/** Removes all schedules of an instance. The lines of {@link cronLinesOf} stay. */
export async function uninstallSchedules(options: Omit<ScheduleOptions, "command">): Promise<void> {
  for (const command of scheduledNames) await uninstallSchedule({ ...options, command });
}

/**
 * Changes every schedule of an instance to run the installed copy: the program that created the schedule can be missing. The
 * arguments stay.
 */
export function renewSchedules({
  instance,
  home,
  vault,
}: Omit<ScheduleOptions, "command"> & Pick<ProgramStart, "vault">): void {
  const start = { node: process.execPath, program: scheduledProgram(instance), ...(vault ? { vault } : {}) };
  for (const command of scheduledNames) {
    const script = scriptOf(home, command);
    const text = readTextIfThere(script);
    if (text === undefined) continue;
    const renewed = withStart(text, start);
    if (renewed !== text) writePrivateFile(script, renewed);
  }
}
