import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { say } from "../output";
import { confirmLoss, isInteractive } from "./prompts";

/**
 * Says what will be done, and asks unless `--yes` is given.
 * @throws UserError (wrong usage) if nobody can be asked
 */
export async function requireYes(what: string, { yes }: { readonly yes?: boolean }): Promise<boolean> {
  if (yes) return true;
  if (!isInteractive()) {
    throw new UserError({
      problem: "Nobody can be asked here, and this removes or replaces things.",
      fix: "Add --yes.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  say(what);
  if (await confirmLoss("Go on?")) return true;
  say("Nothing was changed.");
  return false;
}
