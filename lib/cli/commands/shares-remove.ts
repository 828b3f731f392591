import { realpathSync } from "node:fs";
import { sep } from "node:path";
import { attempt } from "../../core/attempt";
import { defined } from "../../core/defined";
import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { BackupRecord } from "../../store/records/backup-record";
import { sayCronLines } from "../cron-lines";
import { defineCommand } from "../define-command";
import { confirmLoss, requireAnswer } from "../input/prompts";
import { sharesGiven, sharesOptions } from "../input/shares-input";
import { instanceOptions } from "../options/options";
import {
  type AgreeOptions,
  agreeOptions,
  filesList,
  holderOption,
  namedHolders,
  wantsBackup,
} from "../options/shares-options";
import { say } from "../output";

/** `shares remove`: removes the shares from this host, after people proved that they have them. */
export const register = defineCommand({
  name: "remove",
  summary: "remove the shares from this host, after enough of them are given back and verified",
  options: [instanceOptions, holderOption, agreeOptions, sharesOptions],
  needs: "context",
  asksForShares: false,
  mayAsk: true,
  input: async ({ deployment, options }) => {
    const { sharesToExport } = await import("../../operations/shares/export");
    const { shares } = sharesToExport(deployment);
    requireElsewhere(options.shareFile ?? [], deployment.home.root);
    const { askForShares } = sharesGiven(options, "Share of a holder");
    if (!askForShares)
      throw wrongUsage({
        problem: "Nobody can be asked here for the shares that people hold.",
        expected: "--share-file FILE, once or more, and --yes",
      });
    requireAnswer("this removes the shares from this host", options);
    return { askHolders: askForShares, holders: namedHolders(options, shares.length) };
  },
  run: async ({ context, options, input }) => {
    const { forgetShares } = await import("../../operations/shares/forget");
    const forgotten = await forgetShares(context, {
      ...input,
      backUp: () => wantsBackup(options),
      agree: (needing) => agreeToRemove(options, needing),
    });
    if (!forgotten) return { text: "Nothing was removed.", code: ExitCode.Failed };
    const { record, older, unscheduled } = forgotten;
    const { found, cronLine } = unscheduled;
    sayCronLines([cronLine]);
    const lines = [
      ...(found ? ["! The host no longer unseals Vault by itself."] : []),
      ...older.map(
        ({ generation, path, backups }) =>
          `! Shares of generation ${generation} stay at ${path}, since backups need them:\n${filesList(backups)}`,
      ),
      `The shares are off this host. After each restart ${record.threshold} of ${record.shares} are asked for.`,
    ];
    return { json: { ...record, ...defined({ cronLine }) }, text: lines.join("\n") };
  },
});

async function agreeToRemove({ yes }: AgreeOptions, needing: readonly BackupRecord[]): Promise<boolean> {
  if (needing.length > 0) say(`These shares also open the backups:\n${filesList(needing)}`);
  else say("There is no backup that these shares open: --backup makes one first.");
  return yes === true || confirmLoss("Remove the shares from this host? This cannot be undone.");
}

/** @throws UserError if a share is "given back" from a file in the instance directory */
function requireElsewhere(files: readonly string[], home: string): void {
  const inside = files.find((file) => isIn(file, home));
  if (inside === undefined) return;
  throw wrongUsage({
    problem: `${inside} is in the instance directory: it does not prove that anybody else has the shares.`,
    expected: "files that the holders gave back, or no --share-file for a prompt",
  });
}

function isIn(file: string, folder: string): boolean {
  return attempt(() => realpathSync(file).startsWith(`${realpathSync(folder)}${sep}`)) ?? false;
}
