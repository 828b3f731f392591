import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { childEnvironment } from "../../core/environment";
import { UserError } from "../../core/errors";
import { readTextIfThere, writePrivateFile } from "../../core/files/files";
import { findProgram } from "../../core/find-program";
import { packageRoot } from "../../core/package-root";
import { run } from "../../core/process";
import { quote } from "../../core/text";
import { systemdRuns } from "../../docker/engine";
import { describeProgram, isOlder, scheduledProgram } from "../../host/installed-program";
import {
  type ProgramStart,
  renderScript,
  type ScheduledName,
  scheduledNames,
  scriptOf,
  startOf,
  withStart,
} from "./schedule-script";

/** When a command is run by the host itself. */
interface Occasion {
  /** Completes "Runs … of the instance". */
  readonly said: string;
  /** When, for cron. */
  readonly cron: string;
  /** When, for systemd (`OnCalendar`). @default at each start of the engine */
  readonly calendar?: string;
}

/** The commands that a host can run by itself. */
export const occasions = {
  check: { said: "every hour", cron: "17 * * * *", calendar: "hourly" },
  drift: { said: "every day", cron: "41 5 * * *", calendar: "daily" },
  backup: { said: "every week", cron: "23 4 * * 0", calendar: "weekly" },
  unseal: { said: "after each start of the Docker Engine", cron: "@reboot" },
} satisfies Record<ScheduledName, Occasion>;

export interface ScheduleOptions {
  readonly command: ScheduledName;
  readonly instance: string;
  /** The instance directory. */
  readonly home: string;
}

/** What a command that the host runs by itself is started with. */
export interface ScheduledCommand extends ScheduleOptions {
  /** The program's path. */
  readonly program: string;
  /** Its arguments after the command. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** What was done: what was installed, as a person is told it; or, without systemd, the line to add to a crontab by hand. */
export type Installed = { readonly by: string } | { readonly cronLine: string };

/**
 * Has the host run a command by itself, by a systemd unit. Where systemd does not run, the line for a crontab is handed back: the
 * crontab is its owner's to write.
 * @throws UserError for a path that neither of them can be told
 */
export async function installSchedule(scheduled: ScheduledCommand): Promise<Installed> {
  const { home, command } = scheduled;
  const script = scriptOf(home, command);
  requireOneLine(script);
  const start = { node: process.execPath, program: scheduled.program };
  writePrivateFile(script, renderScript({ ...scheduled, ...start, isAtBoot: isAtBoot(command) }));
  if (systemdRuns()) return { by: await installUnits(scheduled, script) };
  return { cronLine: lineOf(scheduled, script) };
}

/** What was taken away. */
export interface Uninstalled {
  /** Whether there was anything. */
  readonly found: boolean;
  /** A line in this user's crontab, which is for its owner to take out. */
  readonly cronLine?: string;
}

/** Takes away what {@link installSchedule} installed. */
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

/** The line that runs it in this user's crontab, if there is one. */
export async function cronLine(options: ScheduleOptions): Promise<string | undefined> {
  return (await readCrontab()).find((line) => line.endsWith(marker(options)));
}

/** Takes away everything that the host runs by itself for an instance. */
export async function uninstallSchedules(options: Omit<ScheduleOptions, "command">): Promise<void> {
  for (const command of scheduledNames) await uninstallSchedule({ ...options, command });
}

/**
 * Has every schedule of an instance run a program: the installed copy, since the one that it was made with may be gone. Their
 * arguments stay.
 */
export function renewSchedules({ instance, home }: Omit<ScheduleOptions, "command">): void {
  const start = { node: process.execPath, program: scheduledProgram(instance) };
  for (const command of scheduledNames) {
    const script = scriptOf(home, command);
    const text = readTextIfThere(script);
    if (text === undefined) continue;
    const renewed = withStart(text, start);
    if (renewed !== text) writePrivateFile(script, renewed);
  }
}

/** A schedule that does not run the program that runs now. */
export interface StaleSchedule {
  readonly command: ScheduledName;
  /** What is wrong with it, to be read after its name. */
  readonly problem: string;
}

/** What an instance has scheduled on this host, and which of that runs a program that is gone or older than this one. */
export function inspectSchedules(
  { home }: Pick<ScheduleOptions, "home">,
  root: string = packageRoot(),
): { readonly scheduled: readonly ScheduledName[]; readonly stale: readonly StaleSchedule[] } {
  const scheduled = scheduledNames.filter((command) => existsSync(scriptOf(home, command)));
  const stale = scheduled.flatMap((command) => {
    const problem = problemOf(startOf(readTextIfThere(scriptOf(home, command)) ?? ""), root);
    return problem ? [{ command, problem }] : [];
  });
  return { scheduled, stale };
}

function problemOf(start: ProgramStart | undefined, root: string): string | undefined {
  if (!start) return "has a script that this program did not write";
  for (const path of [start.program, start.node]) if (!existsSync(path)) return `runs ${path}, which is gone`;
  const other = dirname(dirname(realpathSync(start.program)));
  try {
    return isOlder(other, root) ? `runs an older program: ${describeProgram(other)}` : undefined;
  } catch {
    return `runs ${start.program}, which is damaged`;
  }
}

function isAtBoot(command: ScheduledName): boolean {
  return !("calendar" in occasions[command]);
}

/** As systemd.service(5) and systemd.unit(5) have it: in quotes, without specifiers and variables. */
function unitQuote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/** No line of a unit or a crontab can hold these. */
function requireOneLine(path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\u0000-\u001f\u007f]/.test(path)) return;
  throw new UserError({
    problem:
      "The instance directory's path holds a line break or another control character: no scheduler can be told it.",
    got: JSON.stringify(path),
    fix: "Name another root by OPENCLAW_OPENROUTER_HOME.",
  });
}

/** The name of its systemd units, without the sort. */
export function unitOf({ command, instance }: ScheduleOptions): string {
  return `openclaw-openrouter-${command}-${instance}`;
}

/** Root's units are the system's; another user's are his own. */
export function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

async function installUnits(scheduled: ScheduledCommand, script: string): Promise<string> {
  const { folder, scope } = systemd();
  const { calendar } = occasions[scheduled.command] as Occasion;
  const unit = `${unitOf(scheduled)}.${calendar ? "timer" : "service"}`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  for (const [name, text] of Object.entries(renderUnits(scheduled, script, scope.length > 0)))
    writePrivateFile(join(folder, name), text, 0o644);
  await systemctl([...scope, "daemon-reload"]);
  await systemctl([...scope, "enable", ...(calendar ? ["--now"] : []), unit]);
  const stays = scope.length > 0 ? " (it runs without a login after `loginctl enable-linger`)" : "";
  return `the systemd ${calendar ? "timer" : "unit"} ${unit}${stays}`;
}

/** The units by name. @param own whether they are a user's own, whose manager does not know the engine's unit */
export function renderUnits(
  scheduled: ScheduleOptions,
  script: string,
  own: boolean,
): Record<string, string> {
  const { said, calendar }: Occasion = occasions[scheduled.command];
  const description = `Runs \`${scheduled.command}\` of openclaw-openrouter, instance ${scheduled.instance}, ${said}`;
  const service = `[Service]\nType=oneshot\nExecStart=/bin/sh ${unitQuote(script)}\n`;
  const unit = unitOf(scheduled);
  if (calendar) {
    return {
      [`${unit}.service`]: `[Unit]\nDescription=${description}\n\n${service}`,
      [`${unit}.timer`]: `[Unit]\nDescription=${description}\n\n[Timer]\nOnCalendar=${calendar}\nRandomizedDelaySec=10min\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n`,
    };
  }
  // Wanted by the engine's own unit as well: an engine that is restarted leaves Vault sealed just as a reboot does.
  const [after, wantedBy] = own
    ? ["", "default.target"]
    : ["After=docker.service\n", "multi-user.target docker.service"];
  return {
    [`${unit}.service`]: `[Unit]\nDescription=${description}\n${after}\n${service}\n[Install]\nWantedBy=${wantedBy}\n`,
  };
}

async function systemctl(args: readonly string[]): Promise<void> {
  const result = await run("systemctl", args, { env: childEnvironment(), timeout: 30_000 });
  if (result.exitCode === 0) return;
  throw new UserError({
    problem: `systemctl ${args.join(" ")} failed.`,
    got: result.failure ?? result.stderr,
    fix: "See `systemctl status`; then run this again.",
  });
}

function lineOf(options: ScheduleOptions, script: string): string {
  // To cron a percent sign is the end of the command, and a backslash takes its meaning away, or another backslash's.
  const argument = quote(script).replace(/[\\%]/g, "\\$&");
  return `${occasions[options.command].cron} /bin/sh ${argument} ${marker(options)}`;
}

function marker({ command, instance }: ScheduleOptions): string {
  // Not as a command is named: what is printed of those is made to run on this host, and this is to be found again.
  return `# openclaw-openrouter: ${command} ${instance}`;
}

/** The lines of the user's crontab; none where there is no cron, or this user has none. */
async function readCrontab(): Promise<string[]> {
  if (!findProgram("crontab", process.env.PATH ?? "")) return [];
  const { exitCode, stdout } = await run("crontab", ["-l"], { env: childEnvironment(), timeout: 10_000 });
  return exitCode === 0 ? stdout.split("\n") : [];
}
