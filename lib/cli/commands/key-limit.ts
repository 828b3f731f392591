import type { Command } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import type { BudgetReport } from "../../operations/key/budget";
import { durationOption } from "../input/durations";
import { askForKey, managementKeyGiven, sandboxesOwnManagementKey } from "../input/key-input";
import { confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { sayPendingCleanups } from "../pending-cleanups";
import { runCommand } from "../run-command";

type BudgetOptions = InstanceOptions &
  SharesOptions & {
    readonly newKey?: boolean;
    /** Seconds. */
    readonly grace: number;
  };

/** `key limit`: sets a limit that OpenRouter itself enforces. */
export function register(key: Command): void {
  const command = key
    .command("limit")
    .description(
      "set the settings' hard limit for the key at OpenRouter, reset monthly, with a management key",
    )
    .option("--new-key", "make a new key with that limit, and rotate it in")
    .addOption(
      durationOption("--grace <duration>", "with --new-key: how long the disabled old key is kept", 86_400),
    )
    .addHelpText(
      "after",
      `
The management key comes by OPENROUTER_MANAGEMENT_KEY or a hidden prompt, and is
kept nowhere.`,
    );
  addSharesOptions(addInstanceOptions(command)).action(async (options: BudgetOptions) => {
    process.exitCode = await limitKey(options);
  });
}

async function limitKey(options: BudgetOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const managementKey = await readManagementKey(deployment);
  return runCommand("key limit", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { setBudget } = await import("../../operations/key/budget");
    const { withSandboxServed } = await import("../../sandbox/serve");
    const report = await withSandboxServed(deployment, async () => {
      const phase = await phasesThatMayAsk(deployment);
      const context = await prepare({
        ...{ deployment, lock, signal, phase, confirm: confirmStarting },
        ...sharesGiven(options),
      });
      return setBudget(context, {
        managementKey,
        newKey: options.newKey === true,
        graceSeconds: options.grace,
      });
    });
    if (options.json) printJson(report);
    const { hardLimitEur, usdPerEur, rateDate } = deployment.settings.budget;
    tell(report, `${hardLimitEur} EUR at ${usdPerEur} of ${rateDate}`);
    return report.result === "undone" ? ExitCode.Failed : ExitCode.Ok;
  });
}

async function readManagementKey(
  deployment: Parameters<typeof sandboxesOwnManagementKey>[0],
): Promise<string> {
  const given = managementKeyGiven() ?? (await sandboxesOwnManagementKey(deployment));
  const key =
    given ??
    (isInteractive() ? await askForKey("OpenRouter's management key, which is not kept:") : undefined);
  if (key) return key;
  throw new UserError({
    problem: "Setting a limit needs a management key, and none is given.",
    expected: "OPENROUTER_MANAGEMENT_KEY, or a terminal to ask at",
    fix: "Make one at https://openrouter.ai/settings/management-keys.",
    exitCode: ExitCode.WrongUsage,
  });
}

function tell(
  { instance, result, key, limitUsd, remainingUsd, why, pendingCleanups }: BudgetReport,
  eur: string,
): void {
  sayPendingCleanups(pendingCleanups);
  if (result === "undone") {
    say(wrap(`No limit was set: ${why}`, 80).join("\n"));
    return;
  }
  const did = result === "as it was" ? "has the limit already" : "has the limit now";
  const left = remainingUsd === null ? "" : `, of which ${remainingUsd.toFixed(2)} are left`;
  const line = `Instance ${instance}: the key with fingerprint ${key} ${did}: ${limitUsd.toFixed(2)} USD a month (${eur})${left}. OpenRouter refuses what is beyond it.`;
  say(wrap(line, 80).join("\n"));
  if (remainingUsd !== null && remainingUsd <= 0)
    say("! This month's limit is already spent: OpenClaw gets no answer until the reset.");
}
