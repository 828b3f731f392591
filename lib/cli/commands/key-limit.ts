import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import type { BudgetReport } from "../../operations/key/budget";
import { defineCommand } from "../define-command";
import { askForKey, readManagementKey } from "../input/key-input";
import { isInteractive } from "../input/prompts";
import { sharesOptions } from "../input/shares-input";
import { durationOption, instanceOptions, option } from "../options/options";
import { describeCleanups, reloadNeeded } from "../pending-cleanups";

/** `key limit`: sets a limit that OpenRouter itself enforces. */
export const register = defineCommand({
  name: "limit",
  summary: "give the key the settings' hard limit at OpenRouter, reset monthly, with a management key",
  options: [
    option("--new-key", "make a new key with that limit, and rotate it in"),
    durationOption("--grace <duration>", "with --new-key: how long the disabled old key is kept", 86_400),
    instanceOptions,
    sharesOptions,
  ],
  help: `The management key comes by OPENROUTER_MANAGEMENT_KEY or a hidden prompt, and is
stored nowhere.`,
  needs: "context",
  reads: ["OPENROUTER_MANAGEMENT_KEY"],
  servesSandbox: true,
  input: ({ deployment }) => requireManagementKey(deployment),
  run: async ({ context, deployment, options, input: managementKey }) => {
    const { setBudget } = await import("../../operations/key/budget");
    const report = await setBudget(context, {
      managementKey,
      newKey: options.newKey === true,
      graceSeconds: options.grace,
    });
    const { hardLimitEur, usdPerEur, rateDate } = deployment.settings.budget;
    return {
      json: report,
      text: describeLimit(report, `${hardLimitEur} EUR at ${usdPerEur} of ${rateDate}`),
      code: report.result === "undone" ? ExitCode.Failed : ExitCode.Ok,
    };
  },
});

async function requireManagementKey(deployment: Deployment): Promise<string> {
  const given = await readManagementKey(deployment);
  const key =
    given ??
    (isInteractive() ? await askForKey("OpenRouter's management key, which is not kept:") : undefined);
  if (key) return key;
  throw wrongUsage({
    problem: "Setting a limit needs a management key, and none is given.",
    expected: "OPENROUTER_MANAGEMENT_KEY, or a terminal to ask at",
    fix: "Make one at https://openrouter.ai/settings/management-keys.",
  });
}

/** The result, for a person. @param eur the limit in the settings' currency */
export function describeLimit(
  { instance, result, key, limitUsd, remainingUsd, why, pendingCleanups }: BudgetReport,
  eur: string,
): string {
  const lines = describeCleanups(pendingCleanups);
  if (result === "undone") return [...lines, ...wrap(`No limit was set: ${why}`, 80)].join("\n");
  if (result === "rotated") lines.push(reloadNeeded);
  const did = result === "as it was" ? "has the limit already" : "has the limit now";
  const left = remainingUsd === null ? "" : `, of which ${remainingUsd.toFixed(2)} are left`;
  const line = `Instance ${instance}: the key with fingerprint ${key} ${did}: ${limitUsd.toFixed(2)} USD a month (${eur})${left}. OpenRouter refuses what is beyond it.`;
  lines.push(...wrap(line, 80));
  if (remainingUsd !== null && remainingUsd <= 0)
    lines.push("! This month's limit is already spent: OpenClaw gets no answer until the reset.");
  return lines.join("\n");
}
