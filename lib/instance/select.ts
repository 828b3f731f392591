import { defaultInstance, sandboxInstance } from "../model/deployment";
import { validName } from "../model/instance-name";
import { instances } from "./home";

export interface InstanceChoice {
  /** `--instance`. */
  readonly named?: string | undefined;
  /** Whether a key was given, by whatever way. */
  readonly keyGiven: boolean;
  /** Whether the command deploys, or declares what would be deployed: it alone chooses the sandbox. @default false */
  readonly begins?: boolean;
}

/**
 * Which instance a command means: the one that is named, by option or by OPENCLAW_OPENROUTER_INSTANCE; else the only deployed
 * one; else `default`. A key is never meant for the sandbox; and where nothing is deployed and no key given, what deploys
 * begins with the sandbox.
 */
export function selectInstance(choice: InstanceChoice, environment: NodeJS.ProcessEnv = process.env): string {
  const named = choice.named ?? environment.OPENCLAW_OPENROUTER_INSTANCE;
  if (named) return validName(named);
  const deployed = instances(environment);
  const [only] = deployed.length === 1 ? deployed : [];
  if (choice.keyGiven && (choice.begins || only === sandboxInstance)) return defaultInstance;
  if (only !== undefined) return only;
  return choice.begins && !deployed.includes(defaultInstance) ? sandboxInstance : defaultInstance;
}
