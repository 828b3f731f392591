import { defaultInstance, sandboxInstance } from "../config/sandbox";
import { validName } from "../model/instance-name";
import { refuseIfRootDeployed } from "./deployed-for";
import { instances } from "./home";

export interface InstanceChoice {
  /** `--instance`. */
  readonly named?: string | undefined;
  /** Whether a key was given, by any means. @default whether the environment has one */
  readonly keyGiven?: boolean;
  /** Whether the command deploys: only such a command chooses the sandbox. @default false */
  readonly begins?: boolean;
}

/**
 * The instance that a command means: the one named by option or by OPENCLAW_OPENROUTER_INSTANCE, else the only deployed one,
 * else `default`. A key is never for the sandbox. If nothing is deployed and no key is given, a command that deploys chooses
 * the sandbox.
 * @throws UserError as {@link requireNotRoots} does
 */
export function selectInstance(choice: InstanceChoice, environment: NodeJS.ProcessEnv = process.env): string {
  const named = nameOf(choice, environment);
  if (named) return validName(named);
  requireNotRoots(choice, environment);
  const deployed = instances(environment);
  const [only] = deployed.length === 1 ? deployed : [];
  const { keyGiven = isKeyIn(environment) } = choice;
  if (keyGiven && (choice.begins || only === sandboxInstance)) return defaultInstance;
  if (only !== undefined) return only;
  return choice.begins && !deployed.includes(defaultInstance) ? sandboxInstance : defaultInstance;
}

/** Whether an environment has an OpenRouter key: for this program's commands, or for Terraform. */
export function isKeyIn({ OPENROUTER_API_KEY, TF_VAR_openrouter_api_key }: NodeJS.ProcessEnv): boolean {
  return Boolean(OPENROUTER_API_KEY || TF_VAR_openrouter_api_key);
}

/**
 * Refuses a user who names no instance and has deployed only the sandbox, if root deployed for them: the command would use
 * another instance than their OpenClaw does.
 * @throws UserError (not deployed) that names the account and the command
 */
export function requireNotRoots(
  choice: Pick<InstanceChoice, "named">,
  environment: NodeJS.ProcessEnv = process.env,
): void {
  if (nameOf(choice, environment)) return;
  if (instances(environment).every((name) => name === sandboxInstance)) refuseIfRootDeployed(environment);
}

function nameOf(
  { named }: Pick<InstanceChoice, "named">,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  return named ?? environment.OPENCLAW_OPENROUTER_INSTANCE;
}
