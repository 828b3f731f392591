import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";
import { confirmStarting } from "./prompts";
import { runCommand } from "./run-command";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";

type RecoverOptions = InstanceOptions & SharesOptions;

/** `vault renew-identities`: policies and identities written again, by a temporary root token. */
export function register(vault: Command): void {
  const command = vault
    .command("renew-identities")
    .description(
      "write policies, roles and credentials again, by a temporary root token made from the shares",
    );
  addSharesOptions(addInstanceOptions(command)).action(async (options: RecoverOptions) => {
    process.exitCode = await renewIdentities(options);
  });
}

async function renewIdentities(options: RecoverOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment = openInstance(options);
  return runCommand("vault renew-identities", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { recover } = await import("../lib/deploy/recover");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      ...{ deployment, lock, signal, phase, confirm: confirmStarting },
      ...sharesGiven(options),
    });
    const opened = await recover(context);
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, ...opened, place: undefined };
      printJson(report);
    }
    say("Policies and identities are written again, and the root token is revoked.");
    return ExitCode.Ok;
  });
}
