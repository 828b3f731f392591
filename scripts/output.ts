import { CommanderError } from "commander";
import { UserError } from "../lib/errors";
import { ExitCode } from "../lib/model/exit-codes";

/** Text for people goes to standard error; standard output is `--json`'s alone. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Tells an error to the person who ran the verb. @returns the exit code */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.Ok : ExitCode.WrongUsage;
  if (error instanceof UserError) {
    say(error.message);
    return error.exitCode;
  }
  // Ctrl-C at a prompt.
  if (error instanceof Error && error.name === "ExitPromptError") return ExitCode.Interrupted;
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  say("\nThis is a defect of openclaw-openrouter: please report it.");
  return ExitCode.Failed;
}
