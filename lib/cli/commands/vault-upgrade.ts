import { ExitCode } from "../../core/exit-codes";
import type { UpgradeReport } from "../../operations/restore/upgrade";
import { hostRecord, imageReference } from "../../store/records/host-record";
import { defineCommand, prepareContext } from "../define-command";
import { sharesOptions } from "../input/shares-input";
import { hostOptions, instanceOptions, yesOption } from "../options/options";

/** `vault upgrade`: moves Vault to another image, with a way back. */
export const register = defineCommand({
  name: "upgrade",
  summary: "upgrade Vault to the image of the settings; if that one fails, bring the previous one back",
  options: [yesOption, instanceOptions, hostOptions, sharesOptions],
  needs: "lock",
  question: ({
    deployment,
  }) => `This backs Vault up and replaces its container by one of ${deployment.settings.vault.image}.
If the new image fails, the previous image and data are restored.`,
  ownVault: ["To upgrade", "Its owner upgrades it."],
  servesSandbox: true,
  replacesData: true,
  run: async ({ deployment, preparing }) => {
    const { imageDeployed } = await import("../../operations/deploy/up");
    const { upgrade } = await import("../../operations/restore/upgrade");
    // Read before the host is prepared, which records the new image.
    const wanted = imageDeployed(deployment.home) ?? deployment.settings.vault.image;
    const reference = imageReference(hostRecord.read(deployment.home), wanted);
    const context = await prepareContext(preparing);
    const report = await upgrade(context, { wanted, reference });
    const isFailed = report.outcome === "back" || report.check?.outcome === "fail";
    return { json: report, text: describe(report), code: isFailed ? ExitCode.Failed : ExitCode.Ok };
  },
});

function describe({ instance, outcome, from, to, why, check }: UpgradeReport): string {
  if (outcome === "nothing to do")
    return `Instance ${instance} runs Vault ${to.vault} of ${to.image} already.`;
  if (outcome === "back")
    return `Instance ${instance} still runs ${from.image}: ${why?.split("\n")[0]}
The settings still name ${to.image}: change \`vault.image\` back, or fix it and run this again.`;
  const was = from.vault ? `Vault ${from.vault} of ${from.image}` : from.image;
  const failed = "The check failed (see above), but not because of Vault: the new image stays.";
  return `Instance ${instance}: ${was} → Vault ${to.vault} of ${to.image}.${check?.outcome === "fail" ? `\n${failed}` : ""}`;
}
