import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
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
}

/** The verbs that a host can run by itself. */
const occasions = {
  check: { said: "every hour", cron: "17 * * * *", calendar: "hourly" },
  backup: { said: "every week", cron: "23 4 * * 0", calendar: "weekly" },
  unseal: { said: "after each start of the Docker Engine", cron: "@reboot" },
} satisfies Record<string, Occasion>;

export type ScheduledName = keyof typeof occasions;
const scheduledNames = Object.keys(occasions) as ScheduledName[];

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
 * Has the host run a verb by itself: by a systemd unit, or by a line of the user's crontab where systemd does not run. What
 * is to happen at boot is not written into a crontab, since a restart of the engine alone would not be noticed there: its
 * line is handed back.
 * @throws UserError where neither is there
 */
export async function installSchedule(scheduled: ScheduledVerb): Promise<Installed> {
  const script = scriptOf(scheduled);
  writePrivateFile(script, renderScript(scheduled));
  if (systemdRuns()) return { by: await installUnits(scheduled, script) };
  const cronLine = lineOf(scheduled, script);
  if (isAtBoot(scheduled.verb)) return { cronLine };
  const crontab = await readCrontab();
  if (crontab === undefined) {
    throw new UserError({
      problem: `\`${scheduled.verb}\` cannot be installed: there is neither systemd nor crontab on this host.`,
      remedy: `Have your own scheduler run this ${occasions[scheduled.verb].said}: /bin/sh ${script}`,
    });
  }
  await writeCrontab([...withoutOurs(crontab, scheduled), cronLine]);
  return { by: `a line of this user's crontab: ${cronLine}` };
}

/** Takes away what {@link installSchedule} installed, a line added by hand included. @returns whether there was anything */
export async function uninstallSchedule(options: ScheduleOptions): Promise<boolean> {
  const script = scriptOf(options);
  const { folder, scope } = systemd();
  const units = ["timer", "service"].map((sort) => `${unitOf(options)}.${sort}`);
  const present = units.filter((unit) => existsSync(join(folder, unit)));
  if (present.length > 0 && systemdRuns()) await systemctl([...scope, "disable", "--now", present[0]!]);
  for (const unit of present) rmSync(join(folder, unit));
  if (present.length > 0 && systemdRuns()) await systemctl([...scope, "daemon-reload"]);

  const crontab = (await readCrontab()) ?? [];
  const rest = withoutOurs(crontab, options);
  if (rest.length < crontab.length) await writeCrontab(rest);
  const found = present.length > 0 || rest.length < crontab.length || existsSync(script);
  rmSync(script, { force: true });
  return found;
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
  const command = [process.execPath, program, verb, "--instance", instance, ...args].map(quote).join(" ");
  return `#!/bin/sh
# Written by \`openclaw-openrouter ${verb} --install\`.
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

function unitOf({ verb, instance }: ScheduleOptions): string {
  return `openclaw-openrouter-${verb}-${instance}`;
}

/** Root's units are the system's; another user's are his own. */
function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

async function installUnits(scheduled: ScheduledVerb, script: string): Promise<string> {
  const { folder, scope } = systemd();
  const { calendar } = occasions[scheduled.verb] as Occasion;
  const unit = `${unitOf(scheduled)}.${calendar ? "timer" : "service"}`;
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(renderUnits(scheduled, script, scope.length > 0)))
    writeFileSync(join(folder, name), text);
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
  const service = `[Service]\nType=oneshot\nExecStart=/bin/sh "${script}"\n`;
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
  // Percent signs are cron's line breaks.
  return `${occasions[options.verb].cron} /bin/sh ${quote(script).replaceAll("%", "\\%")} ${marker(options)}`;
}

function marker({ verb, instance }: ScheduleOptions): string {
  return `# openclaw-openrouter ${verb} ${instance}`;
}

function withoutOurs(lines: readonly string[], options: ScheduleOptions): string[] {
  return lines.filter((line) => !line.endsWith(marker(options)));
}

/** The lines of the user's crontab; undefined where there is no cron. */
async function readCrontab(): Promise<string[] | undefined> {
  if (!findProgram("crontab", process.env.PATH ?? "")) return undefined;
  const { exitCode, stdout } = await run("crontab", ["-l"], { env: childEnvironment(), timeout: 10_000 });
  // A user without a crontab: 1.
  return exitCode === 0 && stdout !== "" ? stdout.split("\n") : [];
}

async function writeCrontab(lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join("");
  const result = await run("crontab", ["-"], { env: childEnvironment(), input, timeout: 10_000 });
  if (result.exitCode === 0) return;
  throw new UserError({
    problem: "The crontab cannot be written.",
    got: result.failure ?? result.stderr,
    remedy: "See whether this user may have one: /etc/cron.allow, /etc/cron.deny.",
  });
}
