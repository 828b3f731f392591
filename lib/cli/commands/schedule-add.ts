import { existsSync } from "node:fs";
import type { Command } from "commander";
import { ifError, UserError } from "../../core/errors";
import { scheduledProgram } from "../../host/installed-program";
import { type Deployment, reachOf } from "../../model/deployment";
import type { Installed } from "../../session/schedule/schedule";
import type { ScheduledName } from "../../session/schedule/schedule-script";
import { refuseUnknown } from "../command";
import { defineCommand, type Outcome, type Register } from "../define-command";
import { encryptionGiven } from "../input/encryption-input";
import { checkOptions } from "../options/check-options";
import { driftReportOptions } from "../options/drift-options";
import { argumentsOf, instanceOptions, type OptionGroup, optionGroup } from "../options/options";
import { say } from "../output";
import { backupOptions, keepOption } from "./backup-create";
import { assertDeployed } from "./check";

/** The default number of backups that a scheduled backup keeps: the newest. */
const kept = 8;

/** A command that the host runs by itself. */
interface Scheduled {
  readonly name: ScheduledName;
  /** Its options, with absolute paths: it runs in another folder. */
  readonly arguments: readonly string[];
}

/** Schedules all four with their defaults; skips each that this instance cannot have, with the reason. */
const addAll = defineCommand({
  name: "add",
  summary:
    "schedule all four, or the one named: check every 15 minutes, drift daily, backup weekly, unseal at boot",
  options: [(command: Command) => command.allowExcessArguments(), instanceOptions],
  needs: "lock",
  onJoined: true,
  check: ({ command }) => {
    const [unknown] = command.args;
    if (unknown !== undefined) refuseUnknown(command, unknown);
  },
  input: async ({ deployment }) => assertDeployed(deployment),
  run: ({ deployment, command, options }) => {
    const given = argumentsOf(command, options);
    const names = ["check", "drift", "backup", "unseal"] as const;
    return addTo(
      deployment,
      names.map((name) => ({
        name,
        arguments: name === "backup" ? [...given, "--keep", String(kept)] : given,
      })),
    );
  },
});

const addCheck = one("check", "run `check` every 15 minutes, with chats once a day", checkOptions);
const addDrift = one("drift", "run `drift` every day", driftReportOptions);
const addUnseal = one("unseal", "run `vault unseal` after each start of the Docker Engine");
const addBackup = one(
  "backup",
  "run `backup create` every week",
  optionGroup(backupOptions, keepOption(kept)),
  encryptionGiven,
);

/** `schedule add`: schedules commands on the host. */
export const register: Register = (schedule) => {
  const add = addAll(schedule);
  for (const each of [addCheck, addDrift, addUnseal, addBackup]) each(add);
  return add;
};

/** Schedules one command with options of its own. */
function one(
  name: ScheduledName,
  summary: string,
  own: OptionGroup<object> = (command) => command,
  check: (options: object) => unknown = () => {},
): Register {
  return defineCommand({
    name,
    summary,
    options: [instanceOptions, own],
    needs: "lock",
    onJoined: true,
    check: ({ options }) => check(options),
    input: async ({ deployment }) => assertDeployed(deployment),
    run: ({ deployment, command, options }) => {
      // A scheduled backup is written into a folder: a single file would already exist at the second run.
      const { out } = options as { readonly out?: string };
      const values = name === "backup" && out ? { ...options, out: `${out}/` } : options;
      return addTo(deployment, [{ name, arguments: argumentsOf(command, values) }]);
    },
  });
}

/** Schedules those of the named commands that are not scheduled yet, with their defaults. */
export async function ensureScheduled(
  deployment: Deployment,
  names: readonly ScheduledName[],
): Promise<Pick<Outcome, "json">> {
  const { inspectSchedules } = await import("../../session/schedule/inspect-schedules");
  const { home, instance } = deployment;
  const { scheduled } = inspectSchedules({ home: home.root, instance });
  const missing = names.filter((name) => !scheduled.includes(name));
  if (missing.length === 0) return {};
  return addTo(
    deployment,
    missing.map((name) => ({ name, arguments: name === "backup" ? ["--keep", String(kept)] : [] })),
  );
}

/** @throws UserError if only one command is requested and it is impossible; of several it is skipped */
async function addTo(deployment: Deployment, wanted: readonly Scheduled[]): Promise<Outcome> {
  const added: Added[] = [];
  const skipped: { name: ScheduledName; skipped: string }[] = [];
  for (const scheduled of wanted) {
    const { name } = scheduled;
    const hindrance = await requirePossible(name, deployment).then(
      () => undefined,
      ifError(UserError, (error) => error),
    );
    if (!hindrance) added.push({ name, installed: await install(scheduled, deployment) });
    else if (wanted.length === 1) throw hindrance;
    else skipped.push({ name, skipped: hindrance.props.problem });
  }
  sayAdded(added);
  for (const { name, skipped: why } of skipped) say(`Skipped ${name}: ${why}`);
  return {
    json: { schedules: [...added.map(({ name, installed }) => ({ name, ...installed })), ...skipped] },
  };
}

/** @throws UserError if this host cannot schedule a command for an instance */
async function requirePossible(name: ScheduledName, deployment: Deployment): Promise<void> {
  const { requireOwnVault } = await import("../../session/external-vault");
  if (name === "backup")
    requireOwnVault(deployment, "To back up", "Its owner backs it up: vault operator raft snapshot save F");
  if (name !== "unseal") return;
  requireOwnVault(deployment, "To unseal", "Unseal it as you do, after each restart.");
  const { shares } = deployment.home;
  if (existsSync(shares)) return;
  throw new UserError({
    problem: "The shares are not on this host, so it cannot unseal Vault by itself.",
    got: `no ${shares}`,
    fix: "Unseal it by hand after each restart: openclaw-openrouter vault unseal",
  });
}

async function install(scheduled: Scheduled, deployment: Deployment): Promise<Installed> {
  const { installSchedule } = await import("../../session/schedule/schedule");
  const { instance, home } = deployment;
  const program = scheduledProgram(instance);
  if (program.includes("/_npx/"))
    say(
      `! It runs ${program}, in npx's cache, which npm can empty. Install the program: npm install --global`,
    );
  return installSchedule({
    command: scheduled.name,
    instance,
    home: home.root,
    program,
    arguments: scheduled.arguments,
    environment: process.env,
    vault: reachOf(deployment),
  });
}

/** A scheduled command, and how the host runs it. */
interface Added {
  readonly name: ScheduledName;
  readonly installed: Installed;
}

/** The description of each command, without its full stop. */
const descriptions: Readonly<Record<ScheduledName, string>> = {
  check: "The check runs every 15 minutes",
  drift: "The drift check runs every day",
  backup: "A backup is made every week",
  unseal: "Vault is unsealed after each start of the Docker Engine",
};

/** Prints what the host now runs by itself, or the lines for cron. */
function sayAdded(added: readonly Added[]): void {
  const lines: string[] = [];
  for (const { name, installed } of added) {
    if ("by" in installed) say(`${descriptions[name]}, by ${installed.by}.`);
    else lines.push(installed.cronLine);
  }
  if (lines.length === 0) return;
  const these = lines.length === 1 ? "this line" : "these lines";
  say(`systemd does not run on this host. With cron, add ${these} by \`crontab -e\`:\n\n${lines.join("\n")}`);
  if (added.some(({ name }) => name === "unseal")) say(`\n${afterRestart}`);
}

/** The limits of cron. */
const afterRestart = `cron unseals Vault after a reboot only. After a restart of the engine alone, run
\`openclaw-openrouter vault unseal\`, or \`check\`, which does so by itself.`;
