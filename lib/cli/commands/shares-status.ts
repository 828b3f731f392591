import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

/** `shares status`: shows where the unseal key shares are. */
export function register(shares: Command): void {
  const command = shares
    .command("status")
    .description("show where the unseal key shares are, and which backups they open");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
    process.exitCode = await showStatus(options);
  });
}

async function showStatus(options: InstanceOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const { requireOwnVault } = await import("../../session/external-vault");
  const { readSharesStatus, renderSharesStatus } = await import("../../operations/shares/status");
  const deployment = openInstance(options);
  requireOwnVault(deployment, "What this command shows", "Its owner knows where they are.");
  const status = await readSharesStatus(deployment);
  if (options.json) printJson(status);
  else say(renderSharesStatus(status));
  return ExitCode.Ok;
}
