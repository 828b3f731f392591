import { resolve } from "node:path";
import type { Command } from "commander";
import type { OpenBackup } from "../lib/backup/open-backup";
import type { RestoreReport } from "../lib/backup/restore";
import { UserError } from "../lib/errors";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import { requireYes } from "./confirm";
import { addDecryptionOptions, type DecryptionOptions, decryptionFrom } from "./encryption-input";
import { addHostOptions, addInstanceOptions, type HostOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";
import { phaseRunner } from "./phases";
import { prepareReplacing } from "./prepare-replacing";
import { confirmObtaining } from "./prompts";
import { runVerb } from "./run-verb";
import { addSharesOptions, type SharesOptions, sharesGiven } from "./shares-input";

type RestoreOptions = InstanceOptions &
  HostOptions &
  SharesOptions &
  DecryptionOptions & {
    readonly from?: string;
    readonly force?: boolean;
    readonly undo?: boolean;
    readonly yes?: boolean;
  };

/** `restore`: a backup in the place of what is there, on the same or an empty host. */
export function register(program: Command): void {
  const command = program
    .command("restore")
    .description("put a backup in the place of what is there, or onto an empty host; then deploy and check")
    .option("--from <file>", "the backup")
    .option("--force", "also where it is a backup of another Vault than the one that is there")
    .option(
      "--undo",
      "bring back the data from before a restore, rebuild or upgrade that did not come to its end",
    )
    .option("-y, --yes", "do not ask");
  addDecryptionOptions(command);
  addSharesOptions(addHostOptions(addInstanceOptions(command))).action(async (options: RestoreOptions) => {
    process.exitCode = await restoreVerb(options);
  });
}

async function restoreVerb(options: RestoreOptions): Promise<ExitCode> {
  if (options.undo) return undo(options);
  if (!options.from) {
    throw new UserError({
      problem: "No backup is named.",
      expected: "--from FILE",
      remedy: "`npx openclaw-openrouter backup --list` tells which there are.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  const { withBackup } = await import("../lib/backup/open-backup");
  return withBackup(resolve(options.from), decryptionFrom(options), (backup) => restoreFrom(options, backup));
}

async function restoreFrom(options: RestoreOptions, backup: OpenBackup): Promise<ExitCode> {
  const { instanceHome, readInstance } = await import("../lib/instance/home");
  const { loadDeployment } = await import("../lib/instance/declaration");
  const { placeSettings } = await import("../lib/backup/place-settings");
  const instance =
    options.instance ?? process.env.OPENCLAW_OPENROUTER_INSTANCE ?? backup.archive.manifest.instance;
  const isThere = readInstance(instanceHome(instance)) !== undefined;
  const { created, secret } = backup.archive.manifest;
  const key = secret ? `the key with fingerprint ${secret.fingerprint}` : "no key";
  if (isThere) {
    const question = `This replaces all of the Vault of the instance ${instance} by the backup of ${created}, which holds ${key}.\nWhat is there now is backed up first, as far as it can be opened.`;
    if (!(await requireYes(question, options))) return ExitCode.Failed;
  } else {
    placeSettings(instance, backup.archive, options.settings);
  }
  const deployment = loadDeployment(instance, options.settings);
  // Before anything is made on an empty host.
  const { findShares } = await import("../lib/backup/find-shares");
  const given = sharesGiven(options);
  const shares = await findShares(backup.archive, deployment.home, given.askForShares);
  return runVerb("restore", deployment, async (run) => {
    const { requireOwnVault } = await import("../lib/deploy/existing-vault");
    const { restore } = await import("../lib/backup/restore");
    const { prepareHome } = await import("../lib/backup/prepare-home");
    const { withSandboxServed } = await import("../lib/deploy/sandbox");
    requireOwnVault(
      deployment,
      "To restore",
      "Its owner restores it: vault operator raft snapshot restore F",
    );
    await prepareHome(deployment, backup.archive);
    return withSandboxServed(deployment, async () => {
      const context = await prepareReplacing(deployment, run, options, given);
      const report = await restore(context, {
        backup,
        shares,
        force: options.force === true,
        say,
      });
      if (options.json) printJson(report);
      return tell(report);
    });
  });
}

function tell({ instance, backup, check }: RestoreReport): ExitCode {
  const restored = `Instance ${instance} is restored from the backup of ${backup.created}`;
  if (check.outcome !== "fail") {
    say(`${restored}; the check passed.`);
    return ExitCode.Ok;
  }
  say(`${restored}, but the check failed (see above). The data of before are kept:
npx openclaw-openrouter restore --undo brings them back.`);
  return ExitCode.Failed;
}

async function undo(options: RestoreOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment: Deployment = openInstance(options);
  const question = "This brings back Vault's data from before, and removes those that are there now.";
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return runVerb("restore --undo", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { undoReplacing } = await import("../lib/backup/replace-data");
    const phase = phaseRunner();
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmObtaining,
      replacesData: true,
    });
    const record = await phase("Data of before", (progress) => undoReplacing(context, progress));
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, undone: record };
      printJson(report);
    }
    say("The data of before are back. `npx openclaw-openrouter up` goes on with them.");
    return ExitCode.Ok;
  });
}
