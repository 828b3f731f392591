import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { MadeBackup } from "../lib/backup/make-backup";
import type { VerifyReport } from "../lib/backup/verify-backup";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import {
  addDecryptionOptions,
  type DecryptionOptions,
  type EncryptionOptions,
  encryptionGiven,
} from "./encryption-input";
import { addHostOptions, addInstanceOptions, type HostOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";
import { phaseRunner } from "./phases";
import { confirmStarting } from "./prompts";
import { runVerb } from "./run-verb";
import { sayInstalled, sayUninstalled } from "./say-schedule";
import { addSharesOptions, collect, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";
import { addTrustOption, sharesSource, type TrustOptions } from "./trust";

type BackupOptions = InstanceOptions &
  HostOptions &
  SharesOptions &
  EncryptionOptions &
  DecryptionOptions &
  TrustOptions & {
    readonly out?: string;
    readonly keep?: number;
    readonly withShares?: boolean;
    readonly verify?: string;
    readonly list?: boolean;
    readonly install?: boolean;
    readonly uninstall?: boolean;
  };

/** `backup`: one file from which the instance can be rebuilt; and whether it can. */
export function register(program: Command): void {
  const command = program
    .command("backup")
    .description("write Vault's snapshot and what a rebuild needs into one file")
    .option(
      "-o, --out <path>",
      "the file, or the folder that it is put into (default: ~/.openclaw-openrouter-backups/<instance>/)",
    )
    .option("--keep <n>", "remove all but the newest n backups in that folder afterwards", count)
    .option("--with-shares", "put the unseal key shares in as well, encrypted")
    .option(
      "--recipient <age1…>",
      "encrypt the shares to this public key of age; may be given several times",
      collect,
    )
    .option(
      "--pgp-key <file>",
      "encrypt the shares to this OpenPGP public key; may be given several times",
      collect,
    )
    .option("--verify <file>", "restore a backup once, into a Vault that is thrown away")
    .option("--list", "list the backups that were made")
    .option("--install", "have the host make one each week, with the other options given")
    .option("--uninstall", "do not have the host make any more");
  addTrustOption(addDecryptionOptions(command));
  addSharesOptions(addHostOptions(addInstanceOptions(command))).action(async (options: BackupOptions) => {
    process.exitCode = await backupVerb(options);
  });
}

function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It takes a number from 1.");
}

async function backupVerb(options: BackupOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  if (options.uninstall) return uninstall(options);
  const deployment = openInstance(options);
  if (options.list) return list(options, deployment);
  if (options.install) return install(options, deployment);
  if (options.verify) return verify(options, deployment, options.verify);
  return make(options, deployment);
}

async function make(options: BackupOptions, deployment: Deployment): Promise<ExitCode> {
  const sharesFor = await encryptionGiven(options);
  return runVerb("backup", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { requireOwnVault } = await import("../lib/deploy/existing-vault");
    const { requireVault } = await import("../lib/deploy/require-vault");
    const { makeBackup } = await import("../lib/backup/make-backup");
    const { keepNewest } = await import("../lib/backup/retention");
    requireOwnVault(deployment, "To back up", "Its owner backs it up: vault operator raft snapshot save F");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmStarting,
      ...kit(options),
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
    say("Whoever decrypts the shares in it can open Vault: keep it, and what decrypts them, off this host.");
  } else {
    const of = manifest.vault.generation === undefined ? "" : ` of generation ${manifest.vault.generation}`;
    say(`It holds no shares: the unseal key shares${of} open what is in it.`);
  }
}

async function verify(options: BackupOptions, deployment: Deployment, file: string): Promise<ExitCode> {
  return runVerb("backup --verify", deployment, async ({ lock, signal }) => {
    const { containerHost, prepare } = await import("../lib/deploy/context");
    const { verifyBackup } = await import("../lib/backup/verify-backup");
    const phase = phaseRunner({ mayAsk: true });
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmStarting,
      ...kit(options),
    });
    const { engine, image } = containerHost(context);
    const report = await phase("Restore drill", (progress) =>
      verifyBackup({
        file: resolve(file),
        deployment,
        instanceId: context.instanceId,
        engine: engine.api,
        engineFolder: engine.dataFolder,
        image: image.reference,
        shares: sharesSource(deployment.home, options),
        progress,
      }),
    );
    if (options.json) printJson(report);
    tellVerified(report);
    return ExitCode.Ok;
  });
}

function tellVerified({ backup, secret, readBy, proved, retiredSince, durationMs }: VerifyReport): void {
  const who = readBy === "reader" ? "the reader" : "root, since the reader's credential is a newer one";
  say(`
The backup of ${backup.created} restores: Vault ${backup.vault.version} was unsealed with its
shares, and the key with fingerprint ${secret.fingerprint} (version ${secret.version}) was
read as ${who}. ${(durationMs / 1000).toFixed(1)} s; nothing of it is left.`);
  if (!proved) say("It was opened by its own shares, so nothing proves who made it.");
  if (retiredSince.length > 0) say(`Keys rotated away since: ${retiredSince.join(", ")}`);
}

async function list({ json }: BackupOptions, deployment: Deployment): Promise<ExitCode> {
  const { readBackups } = await import("../lib/instance/backup-record");
  const backups = readBackups(deployment.home).map((backup) => ({
    ...backup,
    present: existsSync(backup.file),
  }));
  if (json) {
    const report = { version: 1, instance: deployment.instance, backups };
    printJson(report);
  }
  if (backups.length === 0) say("No backup was made yet.");
  for (const { file, created, generation, present } of backups)
    say(
      `${created.slice(0, 19)}Z  ${present ? "" : "(not there) "}${file}${generation ? `  shares ${generation}` : ""}`,
    );
  return ExitCode.Ok;
}

async function install(options: BackupOptions, deployment: Deployment): Promise<ExitCode> {
  const { instance, home } = deployment;
  await encryptionGiven(options);
  const { installSchedule } = await import("../lib/host/schedule");
  return runVerb("backup", deployment, async () => {
    const installed = await installSchedule({
      verb: "backup",
      instance,
      home: home.root,
      program: process.env.OPENCLAW_OPENROUTER_BIN ?? process.argv[1]!,
      arguments: scheduledArguments(options),
      environment: process.env,
    });
    sayInstalled(installed, "A backup is made each week");
    return ExitCode.Ok;
  });
}

/** The same options, for a run in another folder. */
function scheduledArguments(options: BackupOptions): string[] {
  const path = (name: string, value: string | undefined) => (value ? [name, resolve(value)] : []);
  return [
    ...path("--settings", options.settings),
    // A folder stays one: a single file would be there already the second time.
    ...(options.out ? ["--out", `${resolve(options.out)}/`] : []),
    ...(options.keep === undefined ? [] : ["--keep", String(options.keep)]),
    ...(options.withShares ? ["--with-shares"] : []),
    ...(options.recipient ?? []).flatMap((recipient) => ["--recipient", recipient]),
    ...(options.pgpKey ?? []).flatMap((key) => ["--pgp-key", resolve(key)]),
    ...path("--passphrase-file", options.passphraseFile),
  ];
}

async function uninstall(options: BackupOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../lib/instance/select");
  const { instanceHome } = await import("../lib/instance/home");
  const { uninstallSchedule } = await import("../lib/host/schedule");
  const instance = selectInstance({ named: options.instance, keyGiven: false });
  const uninstalled = await uninstallSchedule({ verb: "backup", instance, home: instanceHome(instance) });
  sayUninstalled(
    uninstalled,
    "The host makes no backups by itself any more.",
    "The host made no backups by itself.",
  );
  return ExitCode.Ok;
}

function kit({ kit }: HostOptions): HostOptions {
  return kit ? { kit } : {};
}
