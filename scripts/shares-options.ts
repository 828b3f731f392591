import { InvalidArgumentError } from "commander";
import type { WrittenShare } from "../lib/deploy/shares/export";
import { UserError } from "../lib/errors";
import type { BackupRecord } from "../lib/instance/backup-record";
import { ExitCode } from "../lib/model/exit-codes";
import type { PgpKey } from "../lib/vault/pgp-keys";
import type { InstanceOptions } from "./options";
import { printJson as printResult, say } from "./output";
import { isInteractive, offer } from "./prompts";
import type { SharesOptions } from "./shares-input";

/** What `shares` does, one at a time; without any it tells where they are. */
export const sharesActions = ["export", "forget", "rekey"] as const;

/** The options of `shares`. */
export type SharesVerbOptions = InstanceOptions &
  SharesOptions &
  Partial<Record<(typeof sharesActions)[number], boolean>> & {
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

/** The public keys of those who get the shares. */
export async function readKeys({ pgpKey = [] }: SharesVerbOptions): Promise<PgpKey[]> {
  if (pgpKey.length === 0) return [];
  const { readPgpKey } = await import("../lib/vault/pgp-keys");
  return Promise.all(pgpKey.map(readPgpKey));
}

/** Where encrypted shares are written. @throws UserError where no folder was named */
export function folderFor({ out }: SharesVerbOptions): string {
  if (out) return out;
  throw wrongUsage("The encrypted shares need a folder.", "--out DIR, which is made");
}

/** On a terminal it is offered. */
export async function wantsBackup({ backup, yes }: SharesVerbOptions): Promise<boolean> {
  return backup ?? (!yes && isInteractive() && offer("Make a fresh backup first?"));
}

/** @throws UserError where not every share has its holder's name */
export function namedHolders({ holder = [] }: SharesVerbOptions, shares: number): readonly string[] {
  if (holder.length === 0 || holder.length === shares) return holder;
  throw wrongUsage(
    `There are ${shares} shares and ${holder.length} holders.`,
    "--holder for each share, or for none",
  );
}

/** Says which share is for whom. */
export function sayFiles(written: readonly WrittenShare[]): void {
  for (const { file, holder } of written) say(`${file}\n  for ${holder}`);
}

/** Backups, a line each. */
export function filesList(backups: readonly BackupRecord[]): string {
  return backups.map(({ file, created }) => `  - ${file}, of ${created.slice(0, 16)}Z`).join("\n");
}

/** The result, where it was asked for as JSON. */
export function printJson({ json }: SharesVerbOptions, result: object): void {
  if (json) printResult({ version: 1, ...result });
}

/** A count on the command line. */
export function count(value: string): number {
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new InvalidArgumentError("A count is a whole number from 1.");
}

/** The error for options that do not go together. */
export function wrongUsage(problem: string, expected?: string): UserError {
  return new UserError({ problem, ...(expected ? { expected } : {}), exitCode: ExitCode.WrongUsage });
}
