import { defaultInstance, sandboxInstance } from "../model/deployment";
import { validName } from "../model/instance-name";
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
