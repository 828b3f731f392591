import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";

/** The error of a first deploy without a key. */
export function noKey(instance: string): UserError {
  return new UserError({
    problem: `The instance ${instance} has no OpenRouter key yet, and none was given.`,
    expected: "a key at the prompt of a terminal, by --key-file or --key-stdin; in CI by OPENROUTER_API_KEY",
    fix: `openclaw-openrouter up --instance ${instance} --key-file FILE`,
    exitCode: ExitCode.WrongUsage,
  });
}
