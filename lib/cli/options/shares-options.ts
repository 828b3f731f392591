import { wrongUsage } from "../../core/errors";
import { minuteOf } from "../../core/time";
import type { WrittenShare } from "../../operations/shares/export";
import type { BackupRecord } from "../../store/records/backup-record";
import { type PgpKey, readPgpKey } from "../../vault/shares/pgp-keys";
import { confirm, isInteractive } from "../input/prompts";
import { say } from "../output";
import { collect, option, optionGroup, type ParsedBy, yesOption } from "./options";

export const holderOption = option(
  "--holder <name>",
  "the holder of the next share; can be given once for each share",
  { parse: collect },
);

/** The recipients of shares: for `shares export` and `shares rekey`. */
export const recipientOptions = optionGroup(
  option("--pgp-key <file>", "a holder's OpenPGP public key; can be given once for each share", {
    parse: collect,
  }),
  option("--out <dir>", "with --pgp-key: a new folder for the encrypted shares"),
  holderOption,
);
type RecipientOptions = ParsedBy<typeof recipientOptions>;

/** The questions before shares are removed or replaced: for `shares remove` and `shares rekey`. */
export const agreeOptions = optionGroup(
  option("--backup", "make a fresh backup first (asked on a terminal)"),
  yesOption,
);
export type AgreeOptions = ParsedBy<typeof agreeOptions>;

/** Reads the public keys of the holders. @throws UserError (wrong usage) if there is a folder for encrypted shares, and no key */
export async function readKeys({ pgpKey = [], out }: RecipientOptions): Promise<PgpKey[]> {
  if (pgpKey.length === 0) {
    if (out === undefined) return [];
    throw wrongUsage({
      problem: "--out is for encrypted shares.",
      got: "--out without --pgp-key",
      expected: "--pgp-key FILE, once for each share; or no --out",
    });
  }
  return Promise.all(pgpKey.map(readPgpKey));
}

/** The folder for encrypted shares. @throws UserError if none is named */
export function folderFor({ out }: RecipientOptions): string {
  if (out) return out;
  throw wrongUsage({ problem: "The encrypted shares need a folder.", expected: "--out DIR, which is made" });
}

/** Whether to make a backup first; a terminal asks. */
export async function wantsBackup({ backup, yes }: AgreeOptions): Promise<boolean> {
  return backup ?? (!yes && isInteractive() && confirm("Make a fresh backup first?", true));
}

/** @throws UserError if some shares have a holder's name and others have none */
export function namedHolders({ holder = [] }: RecipientOptions, shares: number): readonly string[] {
  if (holder.length === 0 || holder.length === shares) return holder;
  throw wrongUsage({
    problem: `There are ${shares} shares and ${holder.length} holders.`,
    expected: "--holder for each share, or for none",
  });
}

/** Prints the holder of each share. */
export function sayFiles(written: readonly WrittenShare[]): void {
  for (const { file, holder } of written) say(`${file}\n  for ${holder}`);
}

/** Backups, one line each. */
export function filesList(backups: readonly BackupRecord[]): string {
  return backups.map(({ file, created }) => `  - ${file}, of ${minuteOf(created)}`).join("\n");
}
