import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";

type RecoverOptions = InstanceOptions & SharesOptions;

/** `vault renew-identities`: writes policies and identities again with a temporary root token. */
export function register(vault: Command): void {
  const command = vault
    .command("renew-identities")
    .description(
      "write policies, roles and credentials again, with a temporary root token made from the shares",
    );
  addSharesOptions(addInstanceOptions(command)).action(async (options: RecoverOptions) => {
    process.exitCode = await renewIdentities(options);
  });
}

async function renewIdentities(options: RecoverOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  return runCommand("vault renew-identities", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { recover } = await import("../../operations/recover");
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
