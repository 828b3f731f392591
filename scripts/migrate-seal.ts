import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";
import { confirmStarting } from "./prompts";
import { runCommand } from "./run-command";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";

type MigrateSealOptions = InstanceOptions & SharesOptions;

/** `vault migrate-seal`: from people's shares to a service that unseals Vault, and back. */
export function register(vault: Command): void {
  const command = vault
    .command("migrate-seal")
    .description("move Vault to the seal that `vault.seal` of the settings names; takes a snapshot first");
  addSharesOptions(addInstanceOptions(command)).action(async (options: MigrateSealOptions) => {
    process.exitCode = await migrateSealCommand(options);
  });
}

async function migrateSealCommand(options: MigrateSealOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment = openInstance(options);
  return runCommand("vault migrate-seal", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { migrateSeal } = await import("../lib/deploy/migrate-seal");
    const { withSandboxServed } = await import("../lib/deploy/sandbox");
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
    if (!snapshot) say(`Vault has the seal ${to} already: nothing was changed.`);
    else {
      say(`Vault has the seal ${to} now, instead of ${from}. The shares are the same: they ${to === "shamir" ? "unseal it" : "recover it, and unseal nothing"}.
The previous snapshot: ${snapshot}`);
    }
    return ExitCode.Ok;
  });
}
