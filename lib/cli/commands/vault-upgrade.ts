import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import type { UpgradeReport } from "../../operations/restore/upgrade";
import { requireYes } from "../input/confirm";
import { addSharesOptions, type SharesOptions, sharesGiven } from "../input/shares-input";
import {
  addHostOptions,
  addInstanceOptions,
  type HostOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";
import { prepareReplacing } from "../prepare-replacing";
import { runCommand } from "../run-command";

type UpgradeOptions = InstanceOptions & HostOptions & SharesOptions & { readonly yes?: boolean };

/** `vault upgrade`: moves Vault to another image, with a way back. */
export function register(vault: Command): void {
  const command = vault
    .command("upgrade")
    .description("upgrade Vault to the image of the settings; if that one fails, bring the previous one back")
    .option("-y, --yes", "do not ask");
  addSharesOptions(addHostOptions(addInstanceOptions(command))).action(async (options: UpgradeOptions) => {
    process.exitCode = await upgradeCommand(options);
  });
}

async function upgradeCommand(options: UpgradeOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const { imageReference, hostRecord } = await import("../../store/host-record");
  const { imageDeployed } = await import("../../operations/deploy/require-upgrade");
  const deployment = openInstance(options);
  const { home, settings } = deployment;
  const question = `This backs Vault up and replaces its container by one of ${settings.vault.image}.
If the new image fails, the previous image and data are restored.`;
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return runCommand("vault upgrade", deployment, async (run) => {
    const { requireOwnVault } = await import("../../session/external-vault");
    const { withSandboxServed } = await import("../../sandbox/serve");
    const { upgrade } = await import("../../operations/restore/upgrade");
    requireOwnVault(deployment, "To upgrade", "Its owner upgrades it.");
    const wanted = imageDeployed(home) ?? settings.vault.image;
    const imageBefore = { wanted, reference: imageReference(hostRecord.read(home), wanted) };
    return withSandboxServed(deployment, async () => {
      const context = await prepareReplacing(deployment, run, options, sharesGiven(options));
      const report = await upgrade(context, { imageBefore, say });
      if (options.json) printJson(report);
      return tell(report);
    });
  });
}

function tell({ instance, outcome, from, to, why, check }: UpgradeReport): ExitCode {
  if (outcome === "nothing to do") say(`Instance ${instance} runs Vault ${to.vault} of ${to.image} already.`);
  else if (outcome === "upgraded") {
    const was = from.vault ? `Vault ${from.vault} of ${from.image}` : from.image;
    say(`Instance ${instance}: ${was} → Vault ${to.vault} of ${to.image}.`);
    if (check?.outcome === "fail")
      say("The check failed (see above), but not because of Vault: the new image stays.");
  } else {
    say(`Instance ${instance} still runs ${from.image}: ${why?.split("\n")[0]}
The settings still name ${to.image}: change \`vault.image\` back, or fix it and run this again.`);
  }
  return outcome === "back" || check?.outcome === "fail" ? ExitCode.Failed : ExitCode.Ok;
}
