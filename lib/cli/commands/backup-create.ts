import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import type { MadeBackup } from "../../backup/make-backup";
import { ExitCode } from "../../core/exit-codes";
import { type EncryptionOptions, encryptionGiven } from "../input/encryption-input";
import { confirmStarting } from "../input/prompts";
import {
  addSharesOptions,
  collect,
  phasesThatMayAsk,
  type SharesOptions,
  sharesGiven,
} from "../input/shares-input";
import {
  addHostOptions,
  addInstanceOptions,
  bundleOf,
  count,
  type HostOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";

/** The content of a backup and its destination. */
export type BackupContentOptions = EncryptionOptions & {
  readonly out?: string;
  readonly keep?: number;
};

type CreateOptions = InstanceOptions & HostOptions & SharesOptions & BackupContentOptions;

/** `backup create`: writes one file from which the instance can be rebuilt. */
export function register(backup: Command): void {
  const command = backup
    .command("create")
    .description("write Vault's snapshot and everything that a rebuild needs into one file");
  addBackupOptions(addInstanceOptions(command)).option(
    "--keep <n>",
    "remove all but the newest n backups in that folder afterwards",
    count,
  );
  addSharesOptions(addHostOptions(command)).action(async (options: CreateOptions) => {
    process.exitCode = await create(options);
  });
}

/** Adds the options for the content of a backup and its destination. */
export function addBackupOptions(command: Command): Command {
  return command
    .option(
      "-o, --out <path>",
      "the file, or the folder for it (default: ~/.openclaw-openrouter-backups/<instance>/)",
    )
    .option("--with-shares", "include the unseal key shares, encrypted")
    .option(
      "--recipient <age1…>",
      "encrypt the shares to this age public key; can be given several times",
      collect,
    )
    .option(
      "--pgp-key <file>",
      "encrypt the shares to this OpenPGP public key; can be given several times",
      collect,
    )
    .option(
      "--passphrase-file <file>",
      "encrypt the shares with the passphrase in this file (default: a hidden prompt)",
    );
}

/** The options of a scheduled backup, with absolute paths: it runs in another folder. */
export function backupArguments(options: InstanceOptions & BackupContentOptions): string[] {
  const path = (name: string, value: string | undefined) => (value ? [name, resolve(value)] : []);
  return [
    ...path("--settings", options.settings),
    // Always a folder: a single file would already exist at the second run.
    ...(options.out ? ["--out", `${resolve(options.out)}/`] : []),
    ...(options.keep === undefined ? [] : ["--keep", String(options.keep)]),
    ...(options.withShares ? ["--with-shares"] : []),
    ...(options.recipient ?? []).flatMap((recipient) => ["--recipient", recipient]),
    ...(options.pgpKey ?? []).flatMap((key) => ["--pgp-key", resolve(key)]),
    ...path("--passphrase-file", options.passphraseFile),
  ];
}

async function create(options: CreateOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const sharesFor = await encryptionGiven(options);
  return runCommand("backup create", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { requireOwnVault } = await import("../../session/external-vault");
    const { requireVault } = await import("../../session/require-vault");
    const { makeBackup } = await import("../../backup/make-backup");
    const { keepNewest } = await import("../../backup/retention");
    requireOwnVault(deployment, "To back up", "Its owner backs it up: vault operator raft snapshot save F");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmStarting,
      ...bundleOf(options),
      ...sharesGiven(options),
    });
    await requireVault(context);
    const made = await phase("Backup", (progress) =>
      makeBackup(context, {
        ...(options.out ? { out: options.out } : {}),
        ...(options.settings ? { settingsFile: options.settings } : {}),
        ...(sharesFor ? { sharesFor } : {}),
        progress,
      }),
    );
    const removed =
      options.keep === undefined ? [] : keepNewest(deployment.home, dirname(made.record.file), options.keep);
    if (options.json) {
      const { record, manifest } = made;
      printJson({ version: 1, ...record, backup: manifest, removed });
    }
    tell(made, removed);
    return ExitCode.Ok;
  });
}

function tell({ record, manifest }: MadeBackup, removed: readonly string[]): void {
  for (const file of removed) say(`Removed the older backup ${file}.`);
  say(`
${record.file}
sha256 ${record.sha256}`);
  if (manifest.withShares) {
    say("Whoever decrypts its shares can open Vault: store the backup and the decryption key off this host.");
  } else {
    const of = manifest.vault.generation === undefined ? "" : ` of generation ${manifest.vault.generation}`;
    say(`It holds no shares: the unseal key shares${of} open what is in it.`);
  }
}
