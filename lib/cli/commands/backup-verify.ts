import { resolve } from "node:path";
import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import type { VerifyReport } from "../../operations/restore/verify-backup";
import { addDecryptionOptions, type DecryptionOptions } from "../input/encryption-input";
import { confirmStarting } from "../input/prompts";
import { addSharesOptions, type SharesOptions } from "../input/shares-input";
import {
  addHostOptions,
  addInstanceOptions,
  bundleOf,
  type HostOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";
import { phaseRunner } from "../phases";
import { runCommand } from "../run-command";
import { addTrustOption, sharesSource, type TrustOptions } from "../trust";

type VerifyOptions = InstanceOptions & HostOptions & SharesOptions & DecryptionOptions & TrustOptions;

/** `backup verify`: checks that an instance can be rebuilt from a backup. */
export function register(backup: Command): void {
  const command = backup
    .command("verify")
    .description("restore a backup into an ephemeral Vault, and read the key from it")
    .argument("<file>", "the backup");
  addTrustOption(addDecryptionOptions(addInstanceOptions(command)));
  addSharesOptions(addHostOptions(command)).action(async (file: string, options: VerifyOptions) => {
    process.exitCode = await verify(file, options);
  });
}

async function verify(file: string, options: VerifyOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  return runCommand("backup verify", deployment, async ({ lock, signal }) => {
    const { containerHost, prepare } = await import("../../session/context");
    const { verifyBackup } = await import("../../operations/restore/verify-backup");
    const phase = phaseRunner({ mayAsk: true });
    const context = await prepare({
      deployment,
      lock,
      signal,
      phase,
      confirm: confirmStarting,
      ...bundleOf(options),
    });
    const { engine, image } = containerHost(context);
    const shares = await sharesSource(deployment.home, options);
    const report = await phase("Restore drill", (progress) =>
      verifyBackup({
        file: resolve(file),
        deployment,
        instanceId: context.instanceId,
        engine: engine.api,
        engineFolder: engine.dataFolder,
        image: image.reference,
        shares,
        progress,
      }),
    );
    if (options.json) printJson(report);
    tellVerified(report);
    return ExitCode.Ok;
  });
}

function tellVerified({ backup, secret, readBy, proved, retiredSince, durationMs }: VerifyReport): void {
  const who = readBy === "reader" ? "the reader" : "root, since the reader's credential is a newer one";
  say(`
The backup of ${backup.created} restores: Vault ${backup.vault.version} was unsealed with its
shares, and the key with fingerprint ${secret.fingerprint} (version ${secret.version}) was
read as ${who}. ${(durationMs / 1000).toFixed(1)} s; nothing of it is left.`);
  if (!proved) say("It was opened by its own shares, so nothing proves who made it.");
  if (retiredSince.length > 0) say(`Keys rotated away since: ${retiredSince.join(", ")}`);
}
