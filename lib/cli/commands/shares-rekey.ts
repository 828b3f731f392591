import { defined } from "../../core/defined";
import { ExitCode } from "../../core/exit-codes";
import type { RekeyResult } from "../../operations/shares/rekey";
import type { BackupRecord } from "../../store/records/backup-record";
import { areSharesElsewhere } from "../../store/records/shares-record";
import { sayCronLines } from "../cron-lines";
import { defineCommand } from "../define-command";
import { confirmLoss, isInteractive } from "../input/prompts";
import { sharesGiven, sharesOptions } from "../input/shares-input";
import { collect, count, instanceOptions, option, optionGroup } from "../options/options";
import {
  type AgreeOptions,
  agreeOptions,
  filesList,
  folderFor,
  readKeys,
  recipientOptions,
  sayFiles,
  wantsBackup,
} from "../options/shares-options";
import { say } from "../output";
import { showShares } from "../show-shares";

const rekeyOptions = optionGroup(
  option("--shares <count>", "the number of shares (default: as now)", { parse: count }),
  option("--threshold <count>", "the number of shares that unseal Vault (default: as now)", { parse: count }),
  option("--new-share-file <file>", "a file with new shares that their holders gave back", {
    parse: collect,
  }),
  option("--cancel", "end a rekey that waits for its new shares; nothing changes", {
    conflicts: ["shares", "threshold", "newShareFile", "pgpKey", "out", "holder", "backup"],
  }),
);

/** `shares rekey`: replaces the active shares with new ones. */
export const register = defineCommand({
  name: "rekey",
  summary: "replace the active shares with new ones",
  options: [rekeyOptions, instanceOptions, recipientOptions, agreeOptions, sharesOptions],
  needs: "context",
  mayAsk: true,
  input: async ({ options }) => {
    const keys = await readKeys(options);
    return keys.length > 0 ? { keys, folder: folderFor(options) } : undefined;
  },
  run: async ({ context, deployment, options, input: encrypted }) => {
    const { cancelWaitingRekey, rekey } = await import("../../operations/shares/rekey");
    if (options.cancel) return outcomeOf(await cancelWaitingRekey(context));
    const { shares, threshold, holder = [], newShareFile } = options;
    const isShown = !encrypted && areSharesElsewhere(deployment.home) && isInteractive();
    const given = newShareFile ? sharesGiven({ shareFile: newShareFile }) : sharesGiven({}, "New share");
    const result = await rekey(context, {
      ...defined({ shares, threshold, encrypted, askForNew: given.askForShares }),
      ...(isShown ? { show: (made, needed) => showShares(made, needed, holder) } : {}),
      holders: holder,
      onWritten: sayFiles,
      onlyGoOn: newShareFile !== undefined,
      backUp: () => wantsBackup(options),
      agree: (needing) => agreeToRekey(options, needing),
    });
    return outcomeOf(result);
  },
});

function outcomeOf(result: RekeyResult) {
  sayCronLines([result.cronLine]);
  const code = result.result === "not begun" ? ExitCode.Failed : ExitCode.Ok;
  return { json: result, text: describe(result), code };
}

function describe({ result, generation, needOlder }: RekeyResult): string {
  switch (result) {
    case "done": {
      const needing = `! Backups still need the shares of the previous generation:\n${filesList(needOlder)}\n`;
      return `${needOlder.length > 0 ? needing : ""}The shares of generation ${generation} are active; the previous ones no longer open Vault.
A backup that they open: openclaw-openrouter backup create`;
    }
    case "waiting":
      return `The shares of generation ${generation} stay active until enough of the new ones are given back:
openclaw-openrouter shares rekey --new-share-file FILE
A restart of Vault before that ends it, and nothing is changed.`;
    case "cancelled":
      return `The shares of generation ${generation} stay active.`;
    case "not begun":
      return "Nothing was changed.";
  }
}

async function agreeToRekey({ yes }: AgreeOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0)
    say(`Only the current shares open these backups, also after the rekey:\n${filesList(needing)}`);
  return yes === true || !isInteractive() || confirmLoss("Go on?");
}
