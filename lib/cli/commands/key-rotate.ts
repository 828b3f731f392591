import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import type { RotateReport } from "../../operations/key/rotate";
import { durationOption } from "../input/durations";
import {
  askForKey,
  type KeyOptions,
  managementKeyGiven,
  readNamedKey,
  sandboxesOwnManagementKey,
} from "../input/key-input";
import { confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { sayPendingCleanups } from "../pending-cleanups";
import { runReload } from "../reload";
import { runCommand } from "../run-command";

type RotateOptions = InstanceOptions &
  SharesOptions &
  KeyOptions & {
    /** Seconds. */
    readonly grace: number;
    readonly ifOlderThan?: number;
    readonly reload?: string;
  };

/** `key rotate`: replaces the stored key. */
export function register(key: Command): void {
  const command = key
    .command("rotate")
    .description("replace the stored key: the new one is tried, stored, tried again, or rolled back")
    .option("--key-file <file>", "read the new key from a file")
    .option("--key-stdin", "read the new key from standard input")
    .addOption(durationOption("--grace <duration>", "how long the disabled old key is kept", 86_400))
    .addOption(durationOption("--if-older-than <duration>", "only if the key is older, such as 90d"))
    .option("--reload <command>", "run this once the new key is stored, before the old one is disabled")
    .addHelpText(
      "after",
      `
Without --key-file or --key-stdin it uses OPENROUTER_MANAGEMENT_KEY to create a
key; a terminal asks for either. The management key also disables and deletes
the previous key, and is not stored.`,
    );
  addSharesOptions(addInstanceOptions(command)).action(async (options: RotateOptions) => {
    process.exitCode = await rotateKey(options);
  });
}

async function rotateKey(options: RotateOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const keys = await readKeys(options, deployment);
  return runCommand("key rotate", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const { rotate } = await import("../../operations/key/rotate");
    const { withSandboxServed } = await import("../../sandbox/serve");
    const { reload } = options;
    const report = await withSandboxServed(deployment, async () => {
      const phase = await phasesThatMayAsk(deployment);
      const context = await prepare({
        ...{ deployment, lock, signal, phase, confirm: confirmStarting },
        ...sharesGiven(options),
      });
      return rotate(context, {
        ...keys,
        graceSeconds: options.grace,
        ...(options.ifOlderThan === undefined ? {} : { olderThanSeconds: options.ifOlderThan }),
        ...(reload ? { reload: () => runReload(reload) } : {}),
      });
    });
    if (options.json) printJson(report);
    tell(report, reload !== undefined);
    return report.result === "undone" ? ExitCode.Failed : ExitCode.Ok;
  });
}

/** Reads the new key, or the management key that makes it. An interrupted rotation already has its key. */
async function readKeys(
  options: RotateOptions,
  deployment: Deployment,
): Promise<{ given?: string; managementKey?: string }> {
  const named = await readNamedKey(options);
  const managementKey = managementKeyGiven() ?? (await sandboxesOwnManagementKey(deployment));
  const { rotationRecord } = await import("../../store/rotation-record");
  const needsNone = named || managementKey || rotationRecord.read(deployment.home) || !isInteractive();
  const given =
    named ?? (needsNone ? undefined : await askForKey("The new OpenRouter key (Enter: have one made):"));
  const maker =
    managementKey ??
    (given || needsNone ? undefined : await askForKey("OpenRouter's management key, which is not kept:"));
  return { ...(given ? { given } : {}), ...(maker ? { managementKey: maker } : {}) };
}

function tell(
  { instance, result, key, why, warnings, pendingCleanups }: RotateReport,
  reloaded: boolean,
): void {
  for (const warning of warnings) say(`! ${wrap(warning, 78).join("\n  ")}`);
  sayPendingCleanups(pendingCleanups);
  if (result === "rotated") {
    if (!reloaded) say("A running gateway uses the previous key until you run: openclaw secrets reload");
    say(`Instance ${instance}: rotated; the key with fingerprint ${key} is active.`);
  } else if (result === "undone") {
    say(wrap(`Not rotated: ${why}`, 80).join("\n"));
    say(`Instance ${instance}: the previous key, with fingerprint ${key}, is still active.`);
  } else say(`Instance ${instance}: not rotated, since ${why}.`);
}
