import type { Command } from "commander";
import type { ExitCode } from "../../core/exit-codes";
import { readGivenKey, refuseSharedStdin } from "../input/key-input";
import { addUpOptions, runDeploy, type UpOptions } from "./up";

/** `state move`: moves Terraform's state to the backend that the settings name. */
export function register(state: Command): void {
  const command = state
    .command("move")
    .description("move Terraform's state to the backend that the settings name; then deploy and check");
  addUpOptions(command).action(async (options: UpOptions) => {
    process.exitCode = await moveState(options);
  });
}

async function moveState(options: UpOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  refuseSharedStdin(options);
  const deployment = openInstance(options);
  const given = await readGivenKey({ ...options, instance: deployment.instance });
  return runDeploy("state move", deployment, given, options);
}
