import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import type { Installed } from "../../session/schedule/schedule";
import type { ScheduledName } from "../../session/schedule/schedule-script";
import { refuseUnknown } from "../command";
import { encryptionGiven } from "../input/encryption-input";
import { addCheckOptions, type CheckOptions, checkArguments } from "../options/check-options";
import { addDriftReportOptions, type DriftReportOptions, driftArguments } from "../options/drift-options";
import { addInstanceOptions, count, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";
import { type Added, sayAdded } from "../say-schedule";
import { addBackupOptions, type BackupContentOptions, backupArguments } from "./backup-create";
import { assertDeployed } from "./check";

/** The default number of backups that a scheduled backup keeps: the newest. */
const kept = 8;

/** A command that the host runs by itself. */
interface Scheduled {
  readonly name: ScheduledName;
  /** Its options, with absolute paths: it runs in another folder. */
  readonly arguments: readonly string[];
}

type BackupScheduleOptions = InstanceOptions & BackupContentOptions;

/** `schedule add`: schedules commands on the host. */
export function register(schedule: Command): void {
  const add = schedule
    .command("add")
    .description(
      "schedule all four, or the one named: check hourly, drift daily, backup weekly, unseal at boot",
    )
    .allowExcessArguments();
  addInstanceOptions(add).action(async (options: InstanceOptions, command: Command) => {
    const [unknown] = command.args;
    if (unknown !== undefined) refuseUnknown(command, unknown);
    process.exitCode = await addAll(options);
  });

  const check = one(add, "check", "run `check` each hour");
  addCheckOptions(check).action(async (_: unknown, command: Command) => {
    const options = command.optsWithGlobals<CheckOptions>();
    process.exitCode = await addOne(options, { name: "check", arguments: checkArguments(options) });
  });

  const drift = one(add, "drift", "run `drift` each day");
  addDriftReportOptions(drift).action(async (_: unknown, command: Command) => {
    const options = command.optsWithGlobals<DriftReportOptions>();
    process.exitCode = await addOne(options, { name: "drift", arguments: driftArguments(options) });
  });

  one(add, "unseal", "run `vault unseal` after each start of the Docker Engine").action(
    async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<InstanceOptions>();
      process.exitCode = await addOne(options, { name: "unseal", arguments: unsealArguments(options) });
    },
  );

  const backup = one(add, "backup", "run `backup create` each week");
  addBackupOptions(backup)
    .option("--keep <n>", "remove all but the newest n backups in that folder afterwards", count, kept)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<BackupScheduleOptions>();
      await encryptionGiven(options);
      process.exitCode = await addOne(options, { name: "backup", arguments: backupArguments(options) });
    });
}

function one(add: Command, name: ScheduledName, description: string): Command {
  return addInstanceOptions(add.command(name).description(description).allowExcessArguments(false));
}

function unsealArguments({ settings }: InstanceOptions): string[] {
  return settings ? ["--settings", resolve(settings)] : [];
}

/** Schedules all four with their defaults; skips each that this instance cannot have, with the reason. */
async function addAll(options: InstanceOptions): Promise<ExitCode> {
  const plain = { ...options, spend: true, unseal: true, network: true };
  return addTo(options, [
    { name: "check", arguments: checkArguments(plain) },
    { name: "drift", arguments: driftArguments(plain) },
    { name: "backup", arguments: backupArguments({ ...plain, keep: kept }) },
    { name: "unseal", arguments: unsealArguments(plain) },
  ]);
}

function addOne(options: InstanceOptions, scheduled: Scheduled): Promise<ExitCode> {
  return addTo(options, [scheduled]);
}

/** @throws UserError if only one command is requested and it is impossible; of several it is skipped */
async function addTo(options: InstanceOptions, wanted: readonly Scheduled[]): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  assertDeployed(deployment);
  return runCommand("schedule add", deployment, async () => {
    const added: Added[] = [];
    const skipped: { name: ScheduledName; skipped: string }[] = [];
    for (const scheduled of wanted) {
      const { name } = scheduled;
      const hindrance = await hindranceTo(name, deployment);
      if (!hindrance) added.push({ name, installed: await install(scheduled, deployment) });
      else if (wanted.length === 1) throw hindrance;
      else skipped.push({ name, skipped: hindrance.props.problem });
    }
    sayAdded(added);
    for (const { name, skipped: why } of skipped) say(`Skipped ${name}: ${why}`);
    const schedules = [...added.map(({ name, installed }) => ({ name, ...installed })), ...skipped];
    if (options.json) printJson({ version: 1, instance: deployment.instance, schedules });
    return ExitCode.Ok;
  });
}

/** The reason why this host cannot schedule a command for an instance; undefined if it can. */
async function hindranceTo(name: ScheduledName, deployment: Deployment): Promise<UserError | undefined> {
  try {
    await requirePossible(name, deployment);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
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

async function install(scheduled: Scheduled, { instance, home }: Deployment): Promise<Installed> {
  const { installSchedule } = await import("../../session/schedule/schedule");
  const { scheduledProgram } = await import("../../host/installed-program");
  return installSchedule({
    command: scheduled.name,
    instance,
    home: home.root,
    program: scheduledProgram(instance),
    arguments: scheduled.arguments,
    environment: process.env,
  });
}
