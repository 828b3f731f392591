import { resolve } from "node:path";
import type { Command } from "commander";
import type { OpenBackup } from "../../backup/open-backup";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import { validName } from "../../model/instance-name";
import { requireYes } from "../input/confirm";
import { addDecryptionOptions } from "../input/encryption-input";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions } from "../input/shares-input";
import { addHostOptions, addInstallOption, addInstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { phaseRunner } from "../phases";
import type { RestoreOptions } from "../restore-from";
import { runCommand } from "../run-command";
import { addTrustOption } from "../trust";

/** `restore`: replaces the current data with a backup, or restores it onto an empty host. */
export function register(program: Command): void {
  const command = program
    .command("restore")
    .description(
      "replace the current data with a backup, or restore onto an empty host; then deploy and check",
    )
    .option("--from <file>", "the backup")
    .option("--force", "also restore a backup of another Vault than the current one")
    .option("--undo", "bring back the previous data, after a restore, rebuild or upgrade that did not finish")
    .option("-y, --yes", "do not ask before the current data is replaced");
  addInstallOption(addTrustOption(addDecryptionOptions(command)));
  addSharesOptions(addHostOptions(addInstanceOptions(command))).action(async (options: RestoreOptions) => {
    process.exitCode = await restoreCommand(options);
  });
}

async function restoreCommand(options: RestoreOptions): Promise<ExitCode> {
  if (options.undo) return undo(options);
  if (!options.from) {
    throw new UserError({
      problem: "No backup is named.",
      expected: "--from FILE",
      fix: "List them with: openclaw-openrouter backup list",
      exitCode: ExitCode.WrongUsage,
    });
  }
  const { withBackup } = await import("../../backup/open-backup");
  return withBackup(resolve(options.from), (backup) => restoreFrom(options, backup));
}

async function restoreFrom(options: RestoreOptions, backup: OpenBackup): Promise<ExitCode> {
  const { instanceHome, readInstance } = await import("../../store/home");
  const { restoreOver, restoreOnto } = await import("../restore-from");
  const { created, secret, instance: named } = backup.archive.manifest;
  const instance = validName(options.instance ?? process.env.OPENCLAW_OPENROUTER_INSTANCE ?? named);
  if (!readInstance(instanceHome(instance))) return restoreOnto(instance, backup, options);
  const key = secret ? `the key with fingerprint ${secret.fingerprint}` : "no key";
  const question = `This replaces all of the Vault of the instance ${instance} by a backup that says it is of ${created} and holds ${key}.\nThe current data are backed up first, if they can be opened.`;
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return restoreOver(instance, backup, options);
}

async function undo(options: RestoreOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment: Deployment = openInstance(options);
  const question = "This brings back Vault's previous data and removes the current ones.";
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return runCommand("restore --undo", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { undoReplacing } = await import("../../operations/restore/replace-data");
    const phase = phaseRunner();
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmStarting,
      replacesData: true,
    });
    const record = await phase("Previous data", (progress) => undoReplacing(context, progress));
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, undone: record };
      printJson(report);
    }
    say("The previous data are back. Deploy them with: openclaw-openrouter up");
    return ExitCode.Ok;
  });
}
