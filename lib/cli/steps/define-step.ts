import { UserError } from "../../core/errors";
import type { EngineApi } from "../../docker/engine-api";
import { homePaths } from "../../model/home-paths";
import {
  parametersVariable,
  type StepName,
  type StepParameters,
  stepParameters,
} from "../../model/run-parameters";
import { ensureHome } from "../../store/home";
import { takeLock } from "../../store/lock";
import type { Register } from "../define-command";

/** Defines a hidden command that Terraform's local-exec runs: its parameters come from the construct that declares it. */
export function defineStep<S extends StepName>(
  name: S,
  run: (parameters: StepParameters<S>) => Promise<void>,
): Register {
  return (program) => program.command(name, { hidden: true }).action(() => run(readParameters(name)));
}

/** @throws UserError if a person runs such a step by hand */
function readParameters<S extends StepName>(name: S): StepParameters<S> {
  const text = process.env[parametersVariable];
  if (!text) {
    throw new UserError({
      problem: "Terraform runs this step during a deploy.",
      fix: "openclaw-openrouter up",
    });
  }
  return stepParameters[name].parse(JSON.parse(text)) as StepParameters<S>;
}

/**
 * The engine that Terraform's own docker provider uses.
 * @throws UserError if it is on another host or, for root, another user's
 */
export async function engineOfStep(env: NodeJS.ProcessEnv = process.env): Promise<EngineApi> {
  const { EngineApi } = await import("../../docker/engine-api");
  const { providersSocket } = await import("../../docker/engine-locate");
  return new EngineApi(providersSocket(env));
}

/** Runs a step under the lock. A bare `cdktf deploy` holds none; a command of this program that runs Terraform holds it. */
export async function withLock(home: string, name: string, work: () => Promise<void>): Promise<void> {
  ensureHome(home);
  const lock = takeLock(homePaths(home).lock, name);
  try {
    await work();
  } finally {
    lock.release();
  }
}
