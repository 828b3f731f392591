import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";

type MigrateSealOptions = InstanceOptions & SharesOptions;

/** `vault migrate-seal`: moves Vault from people's shares to a service that unseals it, and back. */
export function register(vault: Command): void {
  const command = vault
    .command("migrate-seal")
    .description("move Vault to the seal that `vault.seal` of the settings names; takes a snapshot first");
  addSharesOptions(addInstanceOptions(command)).action(async (options: MigrateSealOptions) => {
    process.exitCode = await migrateSealCommand(options);
  });
}

async function migrateSealCommand(options: MigrateSealOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  return runCommand("vault migrate-seal", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { migrateSeal } = await import("../../operations/seal/migrate-seal");
    const { withSandboxServed } = await import("../../sandbox/serve");
    const { from, to, snapshot } = await withSandboxServed(deployment, async () => {
      const context = await prepare({
        ...{ deployment, lock, signal, phase: await phasesThatMayAsk(deployment), confirm: confirmStarting },
        ...sharesGiven(options),
      });
      return migrateSeal(context);
    });
    if (options.json) {
      const report = {
        version: 1,
        instance: deployment.instance,
        from,
        to,
        ...(snapshot ? { snapshot } : {}),
      };
      printJson(report);
    }
    if (!snapshot) say(`Vault already has the seal ${to}: nothing was changed.`);
    else {
      say(`Vault has the seal ${to} now, instead of ${from}. The shares are the same: they ${to === "shamir" ? "unseal it" : "recover it, and unseal nothing"}.
The previous snapshot: ${snapshot}`);
    }
    return ExitCode.Ok;
  });
}
