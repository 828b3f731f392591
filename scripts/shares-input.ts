import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { UserError } from "../lib/errors";
import { ExitCode } from "../lib/model/exit-codes";
import type { AskForShares } from "../lib/vault/bootstrap";
import { askSecret, isInteractive } from "./prompts";

export interface SharesOptions {
  readonly sharesFile?: string;
}

export function addSharesOptions(command: Command): Command {
  return command.option(
    "--shares-file <file>",
    "read the unseal key shares from a file, where they are not on this host (default: a hidden prompt)",
  );
}

/** How shares that are not on this host are had: by `--shares-file`, or at a hidden prompt; undefined where there is neither. */
export function sharesGiven({ sharesFile }: SharesOptions): { readonly askForShares?: AskForShares } {
  if (sharesFile) return { askForShares: (threshold) => readShares(sharesFile, threshold) };
  return isInteractive() ? { askForShares: promptForShares } : {};
}

async function readShares(path: string, threshold: number) {
  const { parseShares } = await import("../lib/vault/given-shares");
  try {
    return parseShares(readFileSync(path, "utf8"), threshold, path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError({
      problem: `The file of shares ${path} cannot be read.`,
      got: (error as NodeJS.ErrnoException).code ?? String(error),
      exitCode: ExitCode.WrongUsage,
    });
  }
}

const promptForShares: AskForShares = async (threshold) => {
  const { parseShares } = await import("../lib/vault/given-shares");
  const typed: string[] = [];
  while (typed.length < threshold) {
    typed.push(await askSecret(`Unseal key share ${typed.length + 1} of ${threshold}:`));
  }
  return parseShares(typed.join("\n"), threshold, "The prompt");
};
