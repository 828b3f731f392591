import { once } from "../../core/once";
import type { AskForShares } from "../../vault/bootstrap";
import { parseShares } from "../../vault/shares/given-shares";
import { collect, commonGroup, option, type ParsedBy } from "../options/options";
import { readGivenFile } from "./given-file";
import { askSecret, isInteractive } from "./prompts";

export const sharesOptions = option(
  "--share-file <file>",
  "a file with unseal key shares, if they are not on this host; can be given once for each share (default: a hidden prompt)",
  { parse: collect, group: commonGroup },
);
export type SharesOptions = ParsedBy<typeof sharesOptions>;

/**
 * The source of shares that are not on this host: `--share-file`, or a hidden prompt; undefined if there is neither. They are
 * asked for once, even if they are needed several times.
 */
export function sharesGiven(
  { shareFile: files }: SharesOptions,
  what = "Unseal key share",
): { readonly askForShares?: AskForShares } {
  if (files) return { askForShares: asked((threshold) => readShares(files, threshold)) };
  return isInteractive() ? { askForShares: asked((threshold) => promptForShares(threshold, what)) } : {};
}

function asked(ask: AskForShares): AskForShares {
  let answer: (() => ReturnType<AskForShares>) | undefined;
  return (threshold) => {
    answer ??= once(() => ask(threshold));
    return answer();
  };
}

async function readShares(files: readonly string[], threshold: number) {
  return parseShares(
    files.map((file) => readGivenFile(file, "The file of shares")),
    threshold,
    files.join(", "),
  );
}

async function promptForShares(threshold: number, what: string) {
  const typed: string[] = [];
  while (typed.length < threshold) {
    typed.push(await askSecret(`${what} ${typed.length + 1} of ${threshold}:`));
  }
  return parseShares(typed, threshold, "The prompt");
}
