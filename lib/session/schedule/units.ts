import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readOrEmpty, writePrivateFile } from "../../core/files/files";
import { systemdRuns } from "../../docker/engine";
import { occasionOf } from "./occasions";
import { type ScheduledName, scriptOf } from "./schedule-script";
import { lingers, managerRuns, systemctl, systemd } from "./systemd";

/** A command that this host runs on a schedule. */
export interface ScheduleOptions {
  readonly command: ScheduledName;
  readonly instance: string;
  /** The instance directory. */
  readonly home: string;
}

/** The name of the systemd units of a schedule, without the suffix. */
export function unitOf({ command, instance }: ScheduleOptions): string {
  return `openclaw-openrouter-${command}-${instance}`;
}

/** Installs and enables the units of a schedule. @returns the unit, as text for a person */
export async function installUnits(scheduled: ScheduleOptions, script: string): Promise<string> {
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

/** Disables and removes the units of a schedule; those of a manager that does not run as files. @returns whether there were any */
export async function removeUnits(options: ScheduleOptions): Promise<boolean> {
  const { folder, scope } = systemd();
  const units = ["timer", "service"].map((sort) => `${unitOf(options)}.${sort}`);
  const present = units.filter((unit) => existsSync(join(folder, unit)));
  const runs = present.length > 0 && managerRuns();
  if (runs) await systemctl([...scope, "disable", "--now", present[0]!]);
  for (const unit of present)
    for (const path of [unit, ...wants(unit)]) rmSync(join(folder, path), { force: true });
  if (runs) await systemctl([...scope, "daemon-reload"]);
  return present.length > 0;
}

/**
 * The texts of the units, by file name. @param own whether they are a user's own, whose manager does not have the engine's unit
 */
export function renderUnits(
  scheduled: ScheduleOptions,
  script: string,
  own: boolean,
): Record<string, string> {
  const { said, calendar, delay, overdueHours = 1 } = occasionOf(scheduled.command, own);
  const description = `Runs \`${scheduled.command}\` of openclaw-openrouter, instance ${scheduled.instance}, ${said}`;
  // What runs each minute leaves only its failures in the journal.
  const quiet = calendar === "minutely" ? "SyslogLevel=notice\nLogLevelMax=notice\n" : "";
  // systemd does not start what still runs, and has no limit of its own here: one that hangs would be the last.
  const limit = `TimeoutStartSec=${overdueHours}h\n`;
  const service = `[Service]\nType=oneshot\n${limit}ExecStart=/bin/sh ${unitQuote(script)}\n${quiet}`;
  const unit = unitOf(scheduled);
  if (calendar) {
    return {
      [`${unit}.service`]: `[Unit]\nDescription=${description}\n${scheduled.command === "unseal" ? "" : afterBoot(scheduled)}\n${service}`,
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

/**
 * Right after a boot a timer makes up for what the host missed. Without an order the run would find neither the engine nor Vault
 * nor a network, and tell of it. What is not there, or does not start, holds up nothing.
 */
function afterBoot({ instance, home }: ScheduleOptions): string {
  const unseal = `${unitOf({ command: "unseal", instance, home })}.service`;
  return `After=${engineUnits} ${unseal} network-online.target\nWants=network-online.target\n`;
}

/** The links by which a unit can be enabled. */
function wants(unit: string): string[] {
  const targets = unit.endsWith(".timer")
    ? ["timers.target"]
    : ["multi-user.target", ...engineUnits.split(" ")];
  return targets.map((target) => `${target}.wants/${unit}`);
}

/** Quotes a text as systemd.service(5) and systemd.unit(5) require, with specifiers and variables escaped. */
function unitQuote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&").replaceAll("%", "%%").replaceAll("$", "$$$$")}"`;
}

/**
 * Why the host does not run a schedule, as text after the command's name; undefined if it does, or if there is no systemd:
 * whose crontab has the line is not known.
 */
export function notRunBecause(options: ScheduleOptions): string | undefined {
  if (!systemdRuns()) return undefined;
  const { folder } = systemd();
  const { calendar } = occasionOf(options.command);
  const service = `${unitOf(options)}.service`;
  const unit = calendar ? `${unitOf(options)}.timer` : service;
  const lost = [unit, service].find((each) => !existsSync(join(folder, each)));
  if (lost) return `has lost its systemd unit ${lost}`;
  if (!wants(unit).some((link) => existsSync(join(folder, link)))) return `is disabled: ${unit}`;
  // A person may run it by another program, such as `nice`; not without it.
  const starts = readOrEmpty(join(folder, service)).match(/^ExecStart=.*$/gm) ?? [];
  const script = unitQuote(scriptOf(options.home, options.command));
  return starts.some((line) => line.includes(script)) ? undefined : `is not what ${service} runs`;
}
