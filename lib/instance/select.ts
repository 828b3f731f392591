import { UserError } from "../errors";
import { defaultInstance, sandboxInstance } from "../model/deployment";
import { ExitCode } from "../model/exit-codes";
import { instanceHome, readInstance } from "./home";

export interface InstanceChoice {
  /** `--instance`. */
  readonly named?: string | undefined;
  /** Whether a key was given, by whatever way. */
  readonly keyGiven: boolean;
}

/**
 * Which instance a verb means, the same for all of them: the one that is named, by option or by
 * OPENCLAW_OPENROUTER_INSTANCE; else `default` where a key is given or a home `default` exists; else `sandbox`.
 */
export function selectInstance(choice: InstanceChoice, environment: NodeJS.ProcessEnv = process.env): string {
  const named = choice.named ?? environment.OPENCLAW_OPENROUTER_INSTANCE;
  if (named) return validName(named);
  if (choice.keyGiven || readInstance(instanceHome(defaultInstance, environment))) return defaultInstance;
  return sandboxInstance;
}

function validName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new UserError({
    problem: "An instance's name becomes part of names of containers and folders.",
    got: JSON.stringify(name),
    expected: "up to 31 small letters, digits and hyphens, such as paris-2",
    exitCode: ExitCode.WrongUsage,
  });
}
