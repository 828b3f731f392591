import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";
import { confirmStarting } from "./prompts";
import { runVerb } from "./run-verb";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";

type RecoverOptions = InstanceOptions & SharesOptions;

/** `recover`: policies and identities written anew, by a passing root token. */
export function register(program: Command): void {
  const command = program
    .command("recover")
    .description("write our policies and identities in Vault anew, by a passing root token made from shares");
  addSharesOptions(addInstanceOptions(command)).action(async (options: RecoverOptions) => {
    process.exitCode = await recoverVerb(options);
  });
}

async function recoverVerb(options: RecoverOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment = openInstance(options);
  return runVerb("recover", deployment, async ({ lock, signal }) => {
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
    say("Policies and identities are written anew, and the root token is revoked.");
    return ExitCode.Ok;
  });
}
