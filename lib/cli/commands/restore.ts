import { resolve } from "node:path";
import type { OpenBackup } from "../../backup/open-backup";
import { defined } from "../../core/defined";
import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { validName } from "../../model/instance-name";
import { begunInstance, instanceHome } from "../../store/home";
import { previousDataOf, replacingRecord } from "../../store/records/replacing-record";
import { defineCommand, openedInstance, underLock } from "../define-command";
import { requireYes } from "../input/prompts";
import { type RestoreOptions, restoreOptions } from "../options/restore-options";
import { speakOf } from "../output";

/** `restore`: replaces the current data with a backup, or restores it onto an empty host. */
export const register = defineCommand({
  name: "restore",
  summary: "replace the current data with a backup, or restore onto an empty host; then deploy and check",
  options: [restoreOptions],
  exits: { [ExitCode.NotDeployed]: "--undo: the instance is not deployed" },
  run: async ({ options }) => {
    if (options.undo) return undo(options);
    if (!options.from) {
      throw wrongUsage({
        problem: "No backup is named.",
        expected: "--from FILE",
        fix: "List them with: openclaw-openrouter backup list",
      });
    }
    const { withBackup } = await import("../../backup/open-backup");
    return withBackup(resolve(options.from), (backup) => restoreFrom(options, backup));
  },
});

async function restoreFrom(options: RestoreOptions, backup: OpenBackup): Promise<ExitCode> {
  const { restoreOver, restoreOnto } = await import("../restore-from");
  const { created, secret, instance: named } = backup.archive.manifest;
  const instance = validName(options.instance ?? process.env.OPENCLAW_OPENROUTER_INSTANCE ?? named);
  speakOf(instance);
  if (!begunInstance(instanceHome(instance))) return restoreOnto(instance, backup, options);
  const key = secret ? `the key with fingerprint ${secret.fingerprint}` : "no key";
  const question = `This replaces all of the Vault of the instance ${instance} by a backup that says it is of ${created} and holds ${key}.\nThe current data are backed up first, if they can be opened.`;
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return restoreOver(instance, backup, options);
}

async function undo(options: RestoreOptions): Promise<ExitCode> {
  const deployment = await openedInstance(options);
  const record = replacingRecord.read(deployment.home);
  const previous = record ? previousDataOf(record) : "Vault's previous data";
  const question = `This brings back ${previous}, and removes the current ones.`;
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  const preparation = { replacesData: true };
  return underLock("restore --undo", deployment, options, preparation, async ({ preparing }) => {
    const { prepare } = await import("../../session/context");
    const { undoRestore } = await import("../../operations/restore/undo");
    const { undone, check } = await undoRestore(await prepare(preparing));
    const isFailed = check?.outcome === "fail";
    const next = isFailed ? "the check failed (see above)." : "the check passed.";
    return {
      json: { undone, ...defined({ check }) },
      text: `What is back: ${previousDataOf(undone)}${check ? `, with the current key; ${next}` : ". Deploy them with: openclaw-openrouter up"}`,
      code: isFailed ? ExitCode.Failed : ExitCode.Ok,
    };
  });
}
