import { realpathSync } from "node:fs";
import { sep } from "node:path";
import type { Command } from "commander";
import type { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { BackupRecord } from "../../store/backup-record";
import { confirmLoss, confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, filesOf, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import {
  type AgreeOptions,
  addAgreeOptions,
  addHolderOption,
  filesList,
  namedHolders,
  printJson,
  type RecipientOptions,
  wantsBackup,
  wrongUsage,
} from "../options/shares-options";
import { say } from "../output";
import { runCommand } from "../run-command";

type RemoveOptions = InstanceOptions & SharesOptions & AgreeOptions & Pick<RecipientOptions, "holder">;

/** `shares remove`: removes the shares from this host, after people proved that they have them. */
export function register(shares: Command): void {
  const command = shares
    .command("remove")
    .description("remove the shares from this host, after enough of them are given back and verified");
  addAgreeOptions(addHolderOption(addInstanceOptions(command)));
  addSharesOptions(command).action(async (options: RemoveOptions) => {
    process.exitCode = await removeShares(options);
  });
}

async function removeShares(options: RemoveOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const { sharesToExport } = await import("../../operations/shares/export");
  const shares = sharesToExport(deployment);
  requireElsewhere(filesOf(options), deployment.home.root);
  const { askForShares } = sharesGiven(options, "Share of a holder");
  if (!askForShares || (!options.yes && !isInteractive())) throw nobodyThere(askForShares !== undefined);
  const holders = namedHolders(options, shares.shares.length);
  return runCommand("shares remove", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { forgetShares } = await import("../../operations/shares/forget");
    const { phaseRunner } = await import("../phases");
    const phase = phaseRunner({ mayAsk: true });
    const context = await prepare({ deployment, lock, signal, phase, confirm: confirmStarting });
    const forgotten = await forgetShares(context, {
      askHolders: askForShares,
      holders,
      backUp: () => wantsBackup(options),
      agree: (needing) => agreeToRemove(options, needing),
    });
    if (!forgotten) {
      say("Nothing was removed.");
      return ExitCode.Failed;
    }
    const { record, older, unscheduled } = forgotten;
    if (unscheduled) say("! The host no longer unseals Vault by itself.");
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

async function agreeToRemove({ yes }: AgreeOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0) say(`These shares also open the backups:\n${filesList(needing)}`);
  else say("There is no backup that these shares open: --backup makes one first.");
  return yes === true || confirmLoss("Remove the shares from this host? This cannot be undone.");
}

/** @throws UserError if a share is "given back" from a file in the instance directory */
function requireElsewhere(files: readonly string[], home: string): void {
  const inside = files.find((file) => isIn(file, home));
  if (inside === undefined) return;
  throw wrongUsage(
    `${inside} is in the instance directory: it does not prove that anybody else has the shares.`,
    "files that the holders gave back, or no --share-file for a prompt",
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
