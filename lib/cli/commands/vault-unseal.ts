import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson } from "../output";
import { runCommand } from "../run-command";

type UnsealOptions = InstanceOptions & SharesOptions;

/** `vault unseal`: unseals Vault after a reboot or a stop of its container. */
export function register(vault: Command): void {
  const command = vault
    .command("unseal")
    .description("start the container if it is stopped, and unseal Vault");
  addSharesOptions(addInstanceOptions(command)).action(async (options: UnsealOptions) => {
    process.exitCode = await unseal(options);
  });
}

async function unseal(options: UnsealOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  return runCommand("vault unseal", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { requireVault } = await import("../../session/require-vault");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      ...{ deployment, lock, signal, phase, confirm: confirmStarting },
      ...sharesGiven(options),
    });
    const opened = await requireVault(context, { writeTokenHelper: true });
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, ...opened, place: undefined };
      printJson(report);
    }
    return ExitCode.Ok;
  });
}
