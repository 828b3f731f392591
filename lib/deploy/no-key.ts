import { UserError } from "../errors";
import { ExitCode } from "../model/exit-codes";

/** Nothing can be deployed without a key. */
export function noKey(instance: string): UserError {
  return new UserError({
    problem: `The instance ${instance} has no OpenRouter key yet, and none was given.`,
    expected: "a key by OPENROUTER_API_KEY, --key-file or --key-stdin",
    remedy: `OPENROUTER_API_KEY=sk-or-v1-… npx openclaw-openrouter up --instance ${instance}`,
    exitCode: ExitCode.WrongUsage,
  });
}
