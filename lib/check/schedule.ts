import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../errors";
import { systemdRuns } from "../host/engine";
import { childEnvironment } from "../host/environment";
import { findProgram } from "../host/find-program";
import { run } from "../host/process";
import { writePrivateFile } from "../instance/files";

export interface ScheduleOptions {
  readonly instance: string;
  /** The instance home. */
  readonly home: string;
}

/** What the check that is run by the clock is started with. */
export interface ScheduledCheck extends ScheduleOptions {
  /** The program's path. */
  readonly program: string;
  /** Its arguments after `check`. */
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
}

/** What a check needs of the environment in which it was installed: where things are, and the way to OpenRouter. */
const kept = /^(OPENCLAW_OPENROUTER_HOME|DOCKER_HOST|NODE_EXTRA_CA_CERTS|(https?|no)_proxy)$/i;

/**
 * Has the check run every hour: by a systemd timer, or by a line of the user's crontab where systemd does not run.
 * @returns what was installed, as a person is told it
 * @throws UserError where neither is there
 */
export async function installSchedule(check: ScheduledCheck): Promise<string> {
  const script = scriptOf(check.home);
  writePrivateFile(script, renderScript(check));
  if (systemdRuns()) return installTimer(check, script);
  const crontab = await readCrontab();
  if (crontab === undefined) {
    throw new UserError({
      problem: "The check cannot be installed: there is neither systemd nor crontab on this host.",
      remedy: `Have your own scheduler run this every hour: /bin/sh ${script}`,
    });
  }
  await writeCrontab([...withoutOurs(crontab, check.instance), cronLine(check, script)]);
  return `a line of this user's crontab: ${cronLine(check, script)}`;
}

/** Takes away what {@link installSchedule} installed. @returns whether there was anything */
export async function uninstallSchedule(options: ScheduleOptions): Promise<boolean> {
  const script = scriptOf(options.home);
  const { folder, scope } = systemd();
  const units = ["timer", "service"].map((sort) => join(folder, `${unitOf(options.instance)}.${sort}`));
  const present = units.filter((unit) => existsSync(unit));
  if (present.length > 0 && systemdRuns()) {
    await systemctl([...scope, "disable", "--now", `${unitOf(options.instance)}.timer`]);
  }
  for (const unit of present) rmSync(unit);
  if (present.length > 0 && systemdRuns()) await systemctl([...scope, "daemon-reload"]);

  const crontab = (await readCrontab()) ?? [];
  const rest = withoutOurs(crontab, options.instance);
  if (rest.length < crontab.length) await writeCrontab(rest);
  const found = present.length > 0 || rest.length < crontab.length || existsSync(script);
  rmSync(script, { force: true });
  return found;
}

function scriptOf(home: string): string {
  return join(home, "scheduled-check.sh");
}

/**
 * One script for both schedulers: arguments and environment stay out of files that others can read. It says nothing where
 * the check passes, since cron mails whatever is said.
 */
function renderScript({ program, instance, arguments: args, environment }: ScheduledCheck): string {
  const exports = Object.entries(environment).flatMap(([name, value]) =>
    kept.test(name) && value ? [`export ${name}=${quote(value)}`] : [],
  );
  const command = [process.execPath, program, "check", "--instance", instance, ...args].map(quote).join(" ");
  return `#!/bin/sh
# Written by \`openclaw-openrouter check --install\`.
${exports.map((line) => `${line}\n`).join("")}said=$(${command} 2>&1) && exit 0
code=$?
printf '%s\\n' "$said" >&2
exit $code
`;
}

function quote(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function unitOf(instance: string): string {
  return `openclaw-openrouter-check-${instance}`;
}

/** Root's units are the system's; another user's are his own. */
function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

async function installTimer({ instance }: ScheduledCheck, script: string): Promise<string> {
  const { folder, scope } = systemd();
  const unit = unitOf(instance);
  const description = `Check of openclaw-openrouter, instance ${instance}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${unit}.service`),
    `[Unit]\nDescription=${description}\n\n[Service]\nType=oneshot\nExecStart=/bin/sh "${script}"\n`,
  );
  writeFileSync(
    join(folder, `${unit}.timer`),
    `[Unit]\nDescription=${description}, every hour\n\n[Timer]\nOnCalendar=hourly\nRandomizedDelaySec=10min\nPersistent=true\n\n[Install]\nWantedBy=timers.target\n`,
  );
  await systemctl([...scope, "daemon-reload"]);
  await systemctl([...scope, "enable", "--now", `${unit}.timer`]);
  const stays = scope.length > 0 ? " (it runs without a login after `loginctl enable-linger`)" : "";
  return `the systemd timer ${unit}.timer${stays}`;
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

function cronLine({ instance }: ScheduleOptions, script: string): string {
  // Percent signs are cron's line breaks.
  return `17 * * * * /bin/sh ${quote(script).replaceAll("%", "\\%")} ${marker(instance)}`;
}

function marker(instance: string): string {
  return `# openclaw-openrouter check ${instance}`;
}

function withoutOurs(lines: readonly string[], instance: string): string[] {
  return lines.filter((line) => !line.endsWith(marker(instance)));
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
