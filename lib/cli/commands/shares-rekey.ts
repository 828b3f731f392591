import { type Command, Option } from "commander";
import { ExitCode } from "../../core/exit-codes";
import type { RekeyResult } from "../../operations/shares/rekey";
import type { BackupRecord } from "../../store/backup-record";
import { confirmLoss, confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, collect, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, count, type InstanceOptions } from "../options/options";
import {
  type AgreeOptions,
  addAgreeOptions,
  addRecipientOptions,
  filesList,
  folderFor,
  printJson,
  type RecipientOptions,
  readKeys,
  sayFiles,
  wantsBackup,
} from "../options/shares-options";
import { say } from "../output";
import { runCommand } from "../run-command";
import { showShares } from "../show-shares";

type RekeyOptions = InstanceOptions &
  SharesOptions &
  RecipientOptions &
  AgreeOptions & {
    readonly shares?: number;
    readonly threshold?: number;
    readonly newShareFile?: readonly string[];
    readonly cancel?: boolean;
  };

/** `shares rekey`: replaces the active shares with new ones. */
export function register(shares: Command): void {
  const command = shares
    .command("rekey")
    .description("replace the active shares with new ones")
    .option("--shares <count>", "number of shares (default: as now)", count)
    .option("--threshold <count>", "number of shares that unseal Vault (default: as now)", count)
    .option("--new-share-file <file>", "file with new shares that their holders gave back", collect)
    .addOption(
      new Option("--cancel", "end a rekey that waits for its new shares; nothing changes").conflicts([
        "shares",
        "threshold",
        "newShareFile",
        "pgpKey",
        "out",
        "holder",
        "backup",
      ]),
    );
  addAgreeOptions(addRecipientOptions(addInstanceOptions(command)));
  addSharesOptions(command).action(async (options: RekeyOptions) => {
    process.exitCode = await rekeyShares(options);
  });
}

async function rekeyShares(options: RekeyOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const keys = await readKeys(options);
  const encrypted = keys.length > 0 ? { keys, folder: folderFor(options) } : undefined;
  const { shares, threshold, holder = [], newShareFile } = options;
  const given = newShareFile ? sharesGiven({ shareFile: newShareFile }) : sharesGiven({}, "New share");
  return runCommand("shares rekey", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { cancelWaitingRekey, rekey } = await import("../../operations/shares/rekey");
    const { areSharesElsewhere } = await import("../../store/shares-record");
    const { phaseRunner } = await import("../phases");
    const isShown = !encrypted && areSharesElsewhere(deployment.home) && isInteractive();
    const context = await prepare({
      ...{ deployment, lock, signal, phase: phaseRunner({ mayAsk: true }), confirm: confirmStarting },
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
        say(`! Backups still need the shares of the previous generation:\n${filesList(needOlder)}`);
      say(`The shares of generation ${generation} are active; the previous ones no longer open Vault.
A backup that they open: openclaw-openrouter backup create`);
      return;
    case "waiting":
      say(`The shares of generation ${generation} stay active until enough of the new ones are given back:
openclaw-openrouter shares rekey --new-share-file FILE
A restart of Vault before that ends it, and nothing is changed.`);
      return;
    case "cancelled":
      say(`The shares of generation ${generation} stay active.`);
      return;
    case "not begun":
      say("Nothing was changed.");
  }
}

async function agreeToRekey({ yes }: AgreeOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0)
    say(`Only the current shares open these backups, also after the rekey:\n${filesList(needing)}`);
  return yes === true || !isInteractive() || confirmLoss("Go on?");
}
