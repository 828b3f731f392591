import { existsSync, mkdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { UserError } from "../../core/errors";
import { readTextIfThere, writePrivateFile } from "../../core/files/files";
import { childEnvironment } from "../../core/system/environment";
import { findProgram } from "../../core/system/find-program";
import { accountOf } from "../../core/system/os-user";
import { packageRoot } from "../../core/system/package-root";
import { run } from "../../core/system/process";
import { quote } from "../../core/text";
import { systemdRuns } from "../../docker/engine";
import { describeProgram, isOlder, scheduledProgram } from "../../host/installed-program";
import { homePaths } from "../../model/home-paths";
import { readScheduledRun } from "../../store/records/scheduled-runs";
import {
  type ProgramStart,
  renderScript,
  type ScheduledName,
  scheduledNames,
  scriptOf,
  startOf,
  withStart,
} from "./schedule-script";

/** When the host runs a command. */
interface Occasion {
  /** Completes "Runs … of the instance". */
  readonly said: string;
  /** The schedule for cron. */
  readonly cron: string;
  /** The schedule for systemd (`OnCalendar`). @default at each start of the engine */
  readonly calendar?: string;
  /** By how much systemd may delay it, so that many hosts do not call at once (`RandomizedDelaySec`). */
  readonly delay?: string;
  /** The hours after which a run is overdue: a whole period, and time for a host that was off. */
  readonly overdueHours?: number;
}

/** The commands that a host can run on a schedule. */
const occasions = {
  check: {
    said: "every 15 minutes",
    cron: "*/15 * * * *",
    calendar: "*:0/15",
    delay: "1min",
    overdueHours: 2,
  },
  drift: { said: "every day", cron: "41 5 * * *", calendar: "daily", delay: "10min", overdueHours: 36 },
  backup: {
    said: "every week",
    cron: "23 4 * * 0",
    calendar: "weekly",
    delay: "10min",
    overdueHours: 8 * 24,
  },
  unseal: { said: "after each start of the Docker Engine", cron: "@reboot" },
} satisfies Record<ScheduledName, Occasion>;

/** When the host runs a command. A user's own manager does not see the engine start, so it asks each minute. */
export function occasionOf(command: ScheduledName, own = isOwn()): Occasion {
  return command === "unseal" && own
    ? { ...occasions.unseal, calendar: "minutely", delay: "0" }
    : occasions[command];
}

/** Whether the manager that runs the units is the user's own. */
function isOwn(): boolean {
  return systemdRuns() && systemd().scope.length > 0;
}

export interface ScheduleOptions {
  readonly command: ScheduledName;
  readonly instance: string;
  /** The instance directory. */
  readonly home: string;
}

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
 * @throws UserError if neither scheduler can express the path
 */
export async function installSchedule(scheduled: ScheduledCommand): Promise<Installed> {
  const { home, command } = scheduled;
  const script = scriptOf(home, command);
  requireOneLine(script);
  const { vault, ...call } = scheduled;
  const start = { node: process.execPath, program: scheduled.program };
  const isAtBoot = occasionOf(command).calendar === undefined;
  const asks = command === "unseal" && !isAtBoot && vault ? { vault } : {};
  writePrivateFile(script, renderScript({ ...call, ...start, ...asks, isAtBoot }));
  if (systemdRuns()) return { by: await installUnits(scheduled, script) };
  return { cronLine: lineOf(scheduled, script) };
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
  const { folder, scope } = systemd();
  const units = ["timer", "service"].map((sort) => `${unitOf(options)}.${sort}`);
  const present = units.filter((unit) => existsSync(join(folder, unit)));
  if (present.length > 0 && systemdRuns()) await systemctl([...scope, "disable", "--now", present[0]!]);
  for (const unit of present) rmSync(join(folder, unit));
  if (present.length > 0 && systemdRuns()) await systemctl([...scope, "daemon-reload"]);

  const line = await cronLine(options);
  const found = present.length > 0 || line !== undefined || existsSync(script);
  rmSync(script, { force: true });
  return { found, ...(line === undefined ? {} : { cronLine: line }) };
}

/** The line of this user's crontab that runs the command, if there is one. */
export async function cronLine(options: ScheduleOptions): Promise<string | undefined> {
  return (await readCrontab()).find((line) => line.endsWith(marker(options)));
}

/** Removes all schedules of an instance. */
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

/** A schedule that does not run the current program. */
export interface StaleSchedule {
  readonly command: ScheduledName;
  /** The problem, as text after the command's name. */
  readonly problem: string;
  /** Whether it runs all the same, an older program. */
  readonly runs: boolean;
}

/**
 * The schedules of an instance on this host, and those whose program is missing, damaged, or older than this one, or that did not
 * run when they should have.
 */
export function inspectSchedules(
  { home }: Pick<ScheduleOptions, "home">,
  { root = packageRoot(), now = new Date() }: { readonly root?: string; readonly now?: Date } = {},
): { readonly scheduled: readonly ScheduledName[]; readonly stale: readonly StaleSchedule[] } {
  const scheduled = scheduledNames.filter((command) => existsSync(scriptOf(home, command)));
  const stale = scheduled.flatMap((command) => {
    const script = scriptOf(home, command);
    const problem =
      problemOf(startOf(readTextIfThere(script) ?? ""), root) ??
      overdue(command, readScheduledRun(homePaths(home), command)?.at, statSync(script).mtime, now);
    return problem ? [{ command, ...problem }] : [];
  });
  return { scheduled, stale };
}

/** @param since when its script was last written */
function overdue(
  command: ScheduledName,
  last: string | undefined,
  since: Date,
  now: Date,
): Omit<StaleSchedule, "command"> | undefined {
  const { overdueHours } = occasionOf(command);
  if (overdueHours === undefined) return undefined;
  const from = Math.max(Date.parse(last ?? "") || 0, since.getTime());
  if (now.getTime() - from <= overdueHours * 3_600_000) return undefined;
  return { problem: last ? `did not run since ${last.slice(0, 16)}` : "never ran", runs: false };
}

function problemOf(
  start: ProgramStart | undefined,
  root: string,
): Omit<StaleSchedule, "command"> | undefined {
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

/**
 * Why the host does not run a schedule, as text after the command's name; undefined if it does, or if there is no systemd:
 * whose crontab has the line is not known.
 */
export function notRunBecause(options: ScheduleOptions): string | undefined {
  if (!systemdRuns()) return undefined;
  const { folder } = systemd();
  const { calendar } = occasionOf(options.command);
  const unit = `${unitOf(options)}.${calendar ? "timer" : "service"}`;
  if (!existsSync(join(folder, unit))) return `has lost its systemd unit ${unit}`;
  const targets = calendar ? ["timers.target"] : ["multi-user.target", ...engineUnits.split(" ")];
  const isEnabled = targets.some((target) => existsSync(join(folder, `${target}.wants`, unit)));
  return isEnabled ? undefined : `is disabled: ${unit}`;
}

/** Quotes a text as systemd.service(5) and systemd.unit(5) require, with specifiers and variables escaped. */
function unitQuote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
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

/** The name of the systemd units of a schedule, without the suffix. */
export function unitOf({ command, instance }: ScheduleOptions): string {
  return `openclaw-openrouter-${command}-${instance}`;
}

/** The folder and scope of systemd units: the system's for root, else the user's own. */
export function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

async function installUnits(scheduled: ScheduledCommand, script: string): Promise<string> {
  const { folder, scope } = systemd();
  const { calendar } = occasionOf(scheduled.command);
  const unit = `${unitOf(scheduled)}.${calendar ? "timer" : "service"}`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(renderUnits(scheduled, script, scope.length > 0)))
    writePrivateFile(join(folder, name), text, 0o644);
  await systemctl([...scope, "daemon-reload"]);
  await systemctl([...scope, "enable", ...(calendar ? ["--now"] : []), unit]);
  const stays =
    scope.length > 0 && !lingers() ? " (it runs without a login after `loginctl enable-linger`)" : "";
  return `the systemd ${calendar ? "timer" : "unit"} ${unit}${stays}`;
}

/** Whether the user's manager runs from boot on, without a login. */
function lingers(): boolean {
  return existsSync(join("/var/lib/systemd/linger", accountOf().name));
}

/**
 * The texts of the units, by file name. @param own whether they are a user's own, whose manager does not have the engine's unit
 */
export function renderUnits(
  scheduled: ScheduleOptions,
  script: string,
  own: boolean,
): Record<string, string> {
  const { said, calendar, delay } = occasionOf(scheduled.command, own);
  const description = `Runs \`${scheduled.command}\` of openclaw-openrouter, instance ${scheduled.instance}, ${said}`;
  // What runs each minute leaves only its failures in the journal.
  const quiet = calendar === "minutely" ? "SyslogLevel=notice\nLogLevelMax=notice\n" : "";
  const service = `[Service]\nType=oneshot\nExecStart=/bin/sh ${unitQuote(script)}\n${quiet}`;
  const unit = unitOf(scheduled);
  if (calendar) {
    return {
      [`${unit}.service`]: `[Unit]\nDescription=${description}\n\n${service}`,
      [`${unit}.timer`]: `[Unit]\nDescription=${description}\n\n[Timer]\nOnCalendar=${calendar}\nAccuracySec=1s\nRandomizedDelaySec=${delay}\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n`,
    };
  }
  // The engine's own unit wants it too: a restart of the engine leaves Vault sealed, as a reboot does.
  return {
    [`${unit}.service`]: `[Unit]\nDescription=${description}\nAfter=${engineUnits}\n\n${service}\n[Install]\nWantedBy=multi-user.target ${engineUnits}\n`,
  };
}

/** The units of the engine: a package's own, and the one of Canonical's snap. */
const engineUnits = "docker.service snap.docker.dockerd.service";

async function systemctl(args: readonly string[]): Promise<void> {
  const result = await run("systemctl", args, { env: systemctlEnvironment(), timeout: 30_000 });
  if (result.exitCode === 0) return;
  const { name } = accountOf();
  throw new UserError({
    problem: `systemctl ${args.join(" ")} failed.`,
    got: result.failure ?? result.stderr,
    fix: isOwn()
      ? `Have ${name}'s own systemd run: sudo loginctl enable-linger ${name}; then run this command again.`
      : "Run `systemctl status` to find the cause; then run this command again.",
  });
}

/** With the place of the user's manager, which `sudo -u` and `su` do not name, or name another user's. */
export function systemctlEnvironment(): Record<string, string> {
  const place = `/run/user/${process.getuid?.()}`;
  return childEnvironment({
    LC_ALL: "C",
    TZ: "UTC",
    ...(existsSync(place) ? { XDG_RUNTIME_DIR: place } : {}),
  });
}

function lineOf(options: ScheduleOptions, script: string): string {
  // In a crontab, a percent sign ends the command, and a backslash escapes it or another backslash.
  const argument = quote(script).replace(/[\\%]/g, "\\$&");
  return `${occasionOf(options.command).cron} /bin/sh ${argument} ${marker(options)}`;
}

function marker({ command, instance }: ScheduleOptions): string {
  // Not in the form of a command: output rewrites commands for this host, and this marker must stay the same.
  return `# openclaw-openrouter: ${command} ${instance}`;
}

/** The lines of the user's crontab; none if there is no cron, or no crontab of this user. */
async function readCrontab(): Promise<string[]> {
  if (!findProgram("crontab", process.env.PATH ?? "")) return [];
  const { exitCode, stdout } = await run("crontab", ["-l"], { env: childEnvironment(), timeout: 10_000 });
  return exitCode === 0 ? stdout.split("\n") : [];
}
