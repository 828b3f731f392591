import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { browserNotice, exportLine, readableCa, tunnelLine } from "../../session/reach-vault";
import { durationOption } from "../input/durations";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { print, printJson, say } from "../output";
import { runCommand } from "../run-command";

type LoginOptions = InstanceOptions &
  SharesOptions & {
    /** Seconds. */
    readonly ttl: number;
  };

/** `vault login`: creates a token for a person. */
export function register(vault: Command): void {
  const command = vault
    .command("login")
    .description("create a token with which a person manages the secrets under secret/ for a while")
    .addOption(durationOption("--ttl <duration>", "how long the token lasts, such as 30m", 3600));
  addSharesOptions(addInstanceOptions(command)).action(async (options: LoginOptions) => {
    process.exitCode = await loginCommand(options);
  });
}

async function loginCommand(options: LoginOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  return runCommand("vault login", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { login } = await import("../../operations/login");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      ...{ deployment, lock, signal, phase, confirm: confirmStarting },
      ...sharesGiven(options),
    });
    const { token, expires } = await login(context, { ttlSeconds: options.ttl });
    const { instance, address } = deployment;
    const caFile = readableCa(deployment);
    say(`This token reads and writes all under secret/ until ${expires.slice(0, 16)}Z, and can do
nothing else. In a shell:
  ${exportLine({ address, ...(caFile ? { caFile } : {}) })} VAULT_TOKEN=…
In the web interface, ${address}/ui, choose "Token". From another machine:
  ${tunnelLine(deployment)}
${browserNotice(deployment)}To end it early: vault token revoke -self`);
    // The token is the result, so it is the only text on standard output.
    if (options.json) printJson({ version: 1, instance, address, token, expires });
    else print(token);
    return ExitCode.Ok;
  });
}
