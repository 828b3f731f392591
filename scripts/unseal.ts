import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { say } from "./output";
import { phaseRunner } from "./phases";
import { confirmObtaining } from "./prompts";
import { runVerb } from "./run-verb";

/** `unseal`: after a reboot, or a container that was stopped. */
export function register(program: Command): void {
  const command = program
    .command("unseal")
    .description("start the container where it is stopped, and unseal Vault");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
    process.exitCode = await unsealVerb(options);
  });
}

async function unsealVerb(options: InstanceOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment = openInstance(options);
  return runVerb("unseal", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { describeOpened, openVault } = await import("../lib/deploy/open-vault");
    const phase = phaseRunner();
    const context = await prepare({ deployment, lock, signal, phase, confirm: confirmObtaining });
    const opened = await phase(
      "Vault",
      (progress) => openVault(context, progress, { writeTokenHelper: true }),
      describeOpened,
    );
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, ...opened, place: undefined };
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
    if (opened) return ExitCode.Ok;
    say(`There is no container ${deployment.container}: npx openclaw-openrouter up`);
    return ExitCode.NotDeployed;
  });
}
