import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors";
import { writePrivateFile } from "../instance/files";
import { systemdRuns } from "./engine";
import { childEnvironment } from "./environment";
import { findProgram } from "./find-program";
import { run } from "./process";

/** When a verb is run by the host itself. */
interface Occasion {
  /** Completes "Runs … of the instance". */
  readonly said: string;
  /** When, for cron. */
  readonly cron: string;
  /** When, for systemd (`OnCalendar`). @default at each start of the engine */
  readonly calendar?: string;
  /** The words that run it. */
  readonly command: readonly string[];
}

/** The commands that a host can run by itself. */
export const occasions = {
  check: { said: "every hour", cron: "17 * * * *", calendar: "hourly", command: ["check"] },
  drift: { said: "every day", cron: "41 5 * * *", calendar: "daily", command: ["drift"] },
  backup: { said: "every week", cron: "23 4 * * 0", calendar: "weekly", command: ["backup", "create"] },
  unseal: { said: "after each start of the Docker Engine", cron: "@reboot", command: ["vault", "unseal"] },
} satisfies Record<string, Occasion>;

export type ScheduledName = keyof typeof occasions;
export const scheduledNames = Object.keys(occasions) as ScheduledName[];

export interface ScheduleOptions {
  readonly verb: ScheduledName;
  readonly instance: string;
  /** The instance home. */
  readonly home: string;
}

/** What a verb that the host runs by itself is started with. */
export interface ScheduledVerb extends ScheduleOptions {
  /** The program's path. */
  readonly program: string;
  /** Its arguments after the verb. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** What was done: what was installed, as a person is told it; or, without systemd, the line to add to a crontab by hand. */
export type Installed = { readonly by: string } | { readonly cronLine: string };

/** What a run needs of the environment in which it was installed: where things are, and the way to OpenRouter. */
const kept = /^(OPENCLAW_OPENROUTER_(HOME|CACHE)|DOCKER_HOST|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i;

/**
 * Has the host run a verb by itself, by a systemd unit. Where systemd does not run, the line for a crontab is handed back: the
 * crontab is its owner's to write.
 * @throws UserError for a path that neither of them can be told
 */
export async function installSchedule(scheduled: ScheduledVerb): Promise<Installed> {
  const script = scriptOf(scheduled);
  requireOneLine(script);
  writePrivateFile(script, renderScript(scheduled));
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
  const script = scriptOf(options);
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
export async function uninstallSchedules(options: Omit<ScheduleOptions, "verb">): Promise<void> {
  for (const verb of scheduledNames) await uninstallSchedule({ ...options, verb });
}

function isAtBoot(verb: ScheduledName): boolean {
  return !("calendar" in occasions[verb]);
}

function scriptOf({ home, verb }: ScheduleOptions): string {
  return join(home, `scheduled-${verb}.sh`);
}

/**
 * One script for both schedulers: arguments and environment stay out of files that others can read. It says nothing where
 * the verb ends well, since cron mails whatever is said.
 */
function renderScript({ verb, program, instance, arguments: args, environment }: ScheduledVerb): string {
  const exports = Object.entries(environment).flatMap(([name, value]) =>
    kept.test(name) && value ? [`export ${name}=${quote(value)}\n`] : [],
  );
  const command = [process.execPath, program, ...occasions[verb].command, "--instance", instance, ...args]
    .map(quote)
    .join(" ");
  return `#!/bin/sh
# Written by \`openclaw-openrouter schedule add ${verb}\`.
${exports.join("")}${isAtBoot(verb) ? untilItEndsWell(command) : once(command)}`;
}

function once(command: string): string {
  return `said=$(${command} 2>&1) && exit 0
code=$?
printf '%s\\n' "$said" >&2
exit $code
`;
}

/** At boot the engine may not be there yet. */
function untilItEndsWell(command: string): string {
  return `left=10
until said=$(${command} 2>&1); do
  code=$?
  left=$((left - 1))
  if [ $left -eq 0 ]; then
    printf '%s\\n' "$said" >&2
    exit $code
  fi
  sleep 6
done
`;
}

function quote(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
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
      "The instance home's path holds a line break or another control character: no scheduler can be told it.",
    got: JSON.stringify(path),
    remedy: "Name another root by OPENCLAW_OPENROUTER_HOME.",
  });
}

/** The name of its systemd units, without the sort. */
export function unitOf({ verb, instance }: ScheduleOptions): string {
  return `openclaw-openrouter-${verb}-${instance}`;
}

/** Root's units are the system's; another user's are his own. */
export function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

async function installUnits(scheduled: ScheduledVerb, script: string): Promise<string> {
  const { folder, scope } = systemd();
  const { calendar } = occasions[scheduled.verb] as Occasion;
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
  const { said, calendar }: Occasion = occasions[scheduled.verb];
  const description = `Runs \`${scheduled.verb}\` of openclaw-openrouter, instance ${scheduled.instance}, ${said}`;
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
    remedy: "See `systemctl status`; then run this again.",
  });
}

function lineOf(options: ScheduleOptions, script: string): string {
  // To cron a percent sign is the end of the command, and a backslash takes its meaning away, or another backslash's.
  const argument = quote(script).replace(/[\\%]/g, "\\$&");
  return `${occasions[options.verb].cron} /bin/sh ${argument} ${marker(options)}`;
}

function marker({ verb, instance }: ScheduleOptions): string {
  // Not as a command is named: what is printed of those is made to run on this host, and this is to be found again.
  return `# openclaw-openrouter: ${verb} ${instance}`;
}

/** The lines of the user's crontab; none where there is no cron, or this user has none. */
async function readCrontab(): Promise<string[]> {
  if (!findProgram("crontab", process.env.PATH ?? "")) return [];
  const { exitCode, stdout } = await run("crontab", ["-l"], { env: childEnvironment(), timeout: 10_000 });
  return exitCode === 0 ? stdout.split("\n") : [];
}
