import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { WrittenShare } from "../lib/deploy/shares/export";
import type { RekeyResult } from "../lib/deploy/shares/rekey";
import { UserError } from "../lib/errors";
import type { BackupRecord } from "../lib/instance/backup-record";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import { wrap } from "../lib/text";
import type { PgpKey } from "../lib/vault/pgp-keys";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { say } from "./output";
import { confirmLoss, confirmObtaining, isInteractive } from "./prompts";
import { runVerb } from "./run-verb";
import { addSharesOptions, collect, filesOf, type SharesOptions, sharesGiven } from "./shares-input";
import { showShares } from "./show-shares";

const actions = ["export", "forget", "rekey"] as const;

type SharesVerbOptions = InstanceOptions &
  SharesOptions &
  Partial<Record<(typeof actions)[number], boolean>> & {
    readonly pgpKey?: readonly string[];
    readonly out?: string;
    readonly holder?: readonly string[];
    readonly shares?: number;
    readonly threshold?: number;
    readonly newShareFile?: readonly string[];
    readonly cancel?: boolean;
    readonly backup?: boolean;
    readonly yes?: boolean;
  };

/** `shares`: where the unseal key shares are, and how they leave this host. */
export function register(program: Command): void {
  const command = program
    .command("shares")
    .description("tell where the unseal key shares are; hand them out, take them off this host")
    .option("--export", "show each share once on this terminal, or encrypt each to an OpenPGP key")
    .option("--pgp-key <file>", "a holder's OpenPGP public key; may be given for each share", collect)
    .option("--out <dir>", "with --pgp-key: a new folder for the encrypted shares")
    .option("--holder <name>", "who gets the next share; may be given for each of them", collect)
    .option("--forget", "take the shares off this host, once enough of them were given back and tried")
    .option("--rekey", "make new shares in the place of those in force")
    .option("--shares <count>", "with --rekey: how many (default: as many as now)", count)
    .option("--threshold <count>", "with --rekey: how many of them unseal (default: as now)", count)
    .option("--new-share-file <file>", "with --rekey: new shares, given back by their holders", collect)
    .option("--cancel", "with --rekey: end one that waits for its new shares")
    .option("--backup", "with --forget and --rekey: make a fresh backup first (a terminal asks)")
    .option("-y, --yes", "do not ask");
  addSharesOptions(addInstanceOptions(command)).action(async (options: SharesVerbOptions) => {
    process.exitCode = await sharesVerb(options);
  });
}

async function sharesVerb(options: SharesVerbOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const chosen = actions.filter((action) => options[action]);
  if (chosen.length > 1)
    throw wrongUsage(`Only one of ${chosen.map((each) => `--${each}`).join(" and ")} at a time.`);
  const deployment = openInstance(options);
  switch (chosen[0]) {
    case "export":
      return runVerb("shares --export", deployment, () => exportVerb(options, deployment));
    case "forget":
      return forgetVerb(options, deployment);
    case "rekey":
      return rekeyVerb(options, deployment);
    default:
      return show(options, deployment);
  }
}

async function show({ json }: SharesVerbOptions, deployment: Deployment): Promise<ExitCode> {
  const { requireOwnVault } = await import("../lib/deploy/existing-vault");
  const { readSharesStatus, renderSharesStatus } = await import("../lib/deploy/shares/status");
  requireOwnVault(deployment, "What this verb tells", "Its owner knows where they are.");
  const status = await readSharesStatus(deployment);
  if (json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  else say(renderSharesStatus(status));
  return ExitCode.Ok;
}

async function exportVerb(options: SharesVerbOptions, deployment: Deployment): Promise<ExitCode> {
  const { aloneEnough, recordExport, sharesToExport, writeEncrypted } = await import(
    "../lib/deploy/shares/export"
  );
  const shares = sharesToExport(deployment);
  const { threshold } = shares;
  const keys = await readKeys(options);
  if (keys.length > 0) {
    const written = await writeEncrypted(shares.shares, keys, folderFor(options));
    const holders = written.map(({ holder }) => holder);
    recordExport(deployment.home, shares, holders);
    sayFiles(written);
    warnOfEnough(aloneEnough(holders, threshold), threshold);
    sayWritten(threshold);
    printJson(options, { instance: deployment.instance, written });
    return ExitCode.Ok;
  }
  const holders = namedHolders(options, shares.shares.length);
  await showShares(shares.shares, threshold, holders);
  recordExport(deployment.home, shares, holders);
  warnOfEnough(aloneEnough(holders, threshold), threshold);
  sayShown();
  return ExitCode.Ok;
}

async function forgetVerb(options: SharesVerbOptions, deployment: Deployment): Promise<ExitCode> {
  const { sharesToExport } = await import("../lib/deploy/shares/export");
  const shares = sharesToExport(deployment);
  requireElsewhere(filesOf(options), deployment.home.root);
  const { askForShares } = sharesGiven(options, "A share, as its holder has it:");
  if (!askForShares || (!options.yes && !isInteractive())) throw nobodyThere(askForShares !== undefined);
  const holders = namedHolders(options, shares.shares.length);
  return runVerb("shares --forget", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { forgetShares } = await import("../lib/deploy/shares/forget");
    const { phaseRunner } = await import("./phases");
    const phase = phaseRunner({ mayAsk: true });
    const context = await prepare({ deployment, lock, signal, phase, confirm: confirmObtaining });
    const forgotten = await forgetShares(context, {
      askHolders: askForShares,
      holders,
      backUp: () => wantsBackup(options),
      agree: (needing) => agreeToForget(options, needing),
    });
    if (!forgotten) {
      say("Nothing was removed.");
      return ExitCode.Failed;
    }
    const { record, older, unscheduled } = forgotten;
    if (unscheduled) say("! The host does not unseal Vault by itself any more.");
    for (const { generation, path, backups } of older)
      say(
        `! Shares of generation ${generation} stay at ${path}, since backups need them:\n${filesList(backups)}`,
      );
    say(
      `The shares are off this host. After each restart ${record.threshold} of ${record.shares} are asked for.`,
    );
    printJson(options, { instance: deployment.instance, ...record });
    return ExitCode.Ok;
  });
}

async function rekeyVerb(options: SharesVerbOptions, deployment: Deployment): Promise<ExitCode> {
  const keys = await readKeys(options);
  const encrypted = keys.length > 0 ? { keys, folder: folderFor(options) } : undefined;
  const { shares, threshold, holder = [], newShareFile } = options;
  const given = newShareFile ? sharesGiven({ shareFile: newShareFile }) : sharesGiven({}, "New share");
  return runVerb("shares --rekey", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { cancelWaitingRekey, rekey } = await import("../lib/deploy/shares/rekey");
    const { areSharesElsewhere } = await import("../lib/instance/shares-record");
    const { phaseRunner } = await import("./phases");
    const isShown = !encrypted && areSharesElsewhere(deployment.home) && isInteractive();
    const context = await prepare({
      ...{ deployment, lock, signal, phase: phaseRunner({ mayAsk: true }), confirm: confirmObtaining },
      ...sharesGiven(options),
    });
    const result = options.cancel
      ? await cancelWaitingRekey(context)
      : await rekey(context, {
          ...(shares ? { shares } : {}),
          ...(threshold ? { threshold } : {}),
          ...(encrypted ? { encrypted } : {}),
          ...(isShown ? { show: (made, needed) => showShares(made, needed, holder) } : {}),
          holders: holder,
          onWritten: sayFiles,
          onlyGoOn: newShareFile !== undefined,
          ...(given.askForShares ? { askForNew: given.askForShares } : {}),
          backUp: () => wantsBackup(options),
          agree: (needing) => agreeToRekey(options, needing),
        });
    tellRekey(result);
    printJson(options, { instance: deployment.instance, ...result });
    return result.result === "not begun" ? ExitCode.Failed : ExitCode.Ok;
  });
}

function tellRekey({ result, generation, needOlder }: RekeyResult): void {
  switch (result) {
    case "done":
      if (needOlder.length > 0)
        say(`! Shares of the generation before are still needed, for backups:\n${filesList(needOlder)}`);
      say(`The shares of generation ${generation} are in force; those of before open Vault no more.
A backup that they open: npx openclaw-openrouter backup`);
      return;
    case "waiting":
      say(`The shares of generation ${generation} are in force until enough of the new ones were given back:
npx openclaw-openrouter shares --rekey --new-share-file FILE
A restart of Vault before that ends it, and nothing is changed.`);
      return;
    case "cancelled":
      say(`The shares of generation ${generation} are in force, as before.`);
      return;
    case "not begun":
      say("Nothing was changed.");
  }
}

async function agreeToRekey({ yes }: SharesVerbOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0)
    say(`Only the shares of now open these backups, also after this:\n${filesList(needing)}`);
  return yes === true || !isInteractive() || confirmLoss("Go on?");
}

/** On a terminal it is offered. */
async function wantsBackup({ backup, yes }: SharesVerbOptions): Promise<boolean> {
  return backup ?? (!yes && isInteractive() && confirmObtaining("Make a fresh backup first?"));
}

async function agreeToForget({ yes }: SharesVerbOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0) say(`These shares open the backups as well:\n${filesList(needing)}`);
  else say("There is no backup that these shares open: --backup makes one first.");
  return yes === true || confirmLoss("Take the shares off this host, for good?");
}

function filesList(backups: readonly BackupRecord[]): string {
  return backups.map(({ file, created }) => `  - ${file}, of ${created.slice(0, 16)}Z`).join("\n");
}

/** @throws UserError where a share is "given back" from the very place that it is to leave */
function requireElsewhere(files: readonly string[], home: string): void {
  const inside = files.find((file) => isIn(file, home));
  if (inside === undefined) return;
  throw wrongUsage(
    `${inside} lies in the instance home: it does not show that anybody else has the shares.`,
    "files that the holders gave back, or --share-file left out for a prompt",
  );
}

function isIn(file: string, folder: string): boolean {
  try {
    return realpathSync(file).startsWith(`${realpathSync(folder)}${sep}`);
  } catch {
    return false;
  }
}

function nobodyThere(isGiven: boolean): UserError {
  return wrongUsage(
    isGiven
      ? "Nobody can be asked here, and this removes the shares from this host."
      : "Nobody can be asked here for the shares that people hold.",
    isGiven ? "--yes" : "--share-file FILE, once or more, and --yes",
  );
}

async function readKeys({ pgpKey = [] }: SharesVerbOptions): Promise<PgpKey[]> {
  if (pgpKey.length === 0) return [];
  const { readPgpKey } = await import("../lib/vault/pgp-keys");
  return Promise.all(pgpKey.map(readPgpKey));
}

function folderFor({ out }: SharesVerbOptions): string {
  if (out) return out;
  throw wrongUsage("The encrypted shares need a folder.", "--out DIR, which is made");
}

/** @throws UserError where not every share has its holder's name */
function namedHolders({ holder = [] }: SharesVerbOptions, shares: number): readonly string[] {
  if (holder.length === 0 || holder.length === shares) return holder;
  throw wrongUsage(
    `There are ${shares} shares and ${holder.length} holders.`,
    "--holder for each share, or for none",
  );
}

function warnOfEnough(names: readonly string[], threshold: number): void {
  if (names.length === 0) return;
  const text = `${names.join(", ")} can open Vault alone, with ${threshold} shares or more.`;
  say(`! ${wrap(text, 78).join("\n  ")}`);
}

function sayFiles(written: readonly WrittenShare[]): void {
  for (const { file, holder } of written) say(`${file}\n  for ${holder}`);
}

function sayWritten(threshold: number): void {
  say(`Carry these files away; a holder reads one by: gpg --decrypt FILE
Once ${threshold} of them were tried: npx openclaw-openrouter shares --forget`);
}

function sayShown(): void {
  say("Once the holders have them: npx openclaw-openrouter shares --forget");
}

function printJson({ json }: SharesVerbOptions, result: object): void {
  if (json) process.stdout.write(`${JSON.stringify({ version: 1, ...result }, null, 2)}\n`);
}

function count(value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError("A count is a whole number from 1.");
}

function wrongUsage(problem: string, expected?: string): UserError {
  return new UserError({ problem, ...(expected ? { expected } : {}), exitCode: ExitCode.WrongUsage });
}
