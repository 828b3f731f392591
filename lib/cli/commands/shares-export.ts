import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import {
  addRecipientOptions,
  folderFor,
  namedHolders,
  printJson,
  type RecipientOptions,
  readKeys,
  sayFiles,
} from "../options/shares-options";
import { say } from "../output";
import { runCommand } from "../run-command";
import { showShares } from "../show-shares";

type ExportOptions = InstanceOptions & RecipientOptions;

/** `shares export`: writes each share, encrypted, into a file, or shows it on this terminal. */
export function register(shares: Command): void {
  const command = shares
    .command("export")
    .description("show each share once on this terminal, or encrypt each to its holder's OpenPGP key");
  addRecipientOptions(addInstanceOptions(command)).action(async (options: ExportOptions) => {
    const { openInstance } = await import("../../session/load-deployment");
    const deployment = openInstance(options);
    process.exitCode = await runCommand("shares export", deployment, () => exportShares(options, deployment));
  });
}

async function exportShares(options: ExportOptions, deployment: Deployment): Promise<ExitCode> {
  const { aloneEnough, recordExport, sharesToExport, writeEncrypted } = await import(
    "../../operations/shares/export"
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

function warnOfEnough(names: readonly string[], threshold: number): void {
  if (names.length === 0) return;
  const text = `${names.join(", ")} can open Vault alone, with ${threshold} shares or more.`;
  say(`! ${wrap(text, 78).join("\n  ")}`);
}

function sayWritten(threshold: number): void {
  say(`Carry these files away; a holder reads one by: gpg --decrypt FILE
Once ${threshold} of them were tried: openclaw-openrouter shares remove`);
}

function sayShown(): void {
  say("Once the holders have them: openclaw-openrouter shares remove");
}
