import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { childEnvironment } from "../../core/system/environment";
import { hanging, wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import type { RotateReport } from "../../operations/key/rotate";
import { rotationRecord } from "../../store/records/rotation-record";
import { defineCommand } from "../define-command";
import { askForKey, type KeyOptions, readManagementKey, readNamedKey } from "../input/key-input";
import { isInteractive } from "../input/prompts";
import { sharesOptions } from "../input/shares-input";
import { durationOption, instanceOptions, option, optionGroup } from "../options/options";
import { say } from "../output";
import { describeCleanups, reloadNeeded } from "../pending-cleanups";

const rotateOptions = optionGroup(
  option("--key-file <file>", "read the new key from a file"),
  option("--key-stdin", "read the new key from standard input", { conflicts: "keyFile" }),
  durationOption("--grace <duration>", "how long the disabled old key is kept", 86_400),
  durationOption("--if-older-than <duration>", "only if the key is older, such as 90d"),
  option("--reload <command>", "run this once the new key is stored, before the old one is disabled"),
);

/** `key rotate`: replaces the stored key. */
export const register = defineCommand({
  name: "rotate",
  summary: "replace the stored key: the new one is tried, stored, tried again, or rolled back",
  options: [rotateOptions, instanceOptions, sharesOptions],
  help: `Without --key-file or --key-stdin it uses OPENROUTER_MANAGEMENT_KEY to create a
key; a terminal asks for either. The management key also disables and deletes
the previous key, and is not stored.`,
  needs: "context",
  reads: ["OPENROUTER_MANAGEMENT_KEY"],
  servesSandbox: true,
  input: ({ deployment, options }) => readKeys(options, deployment),
  run: async ({ context, options, input: keys }) => {
    const { rotate } = await import("../../operations/key/rotate");
    const { reload, ifOlderThan, grace } = options;
    const report = await rotate(context, {
      ...keys,
      graceSeconds: grace,
      ...(ifOlderThan === undefined ? {} : { olderThanSeconds: ifOlderThan }),
      ...(reload ? { reload: () => runReload(reload) } : {}),
    });
    return {
      json: report,
      text: describe(report, reload !== undefined),
      code: report.result === "undone" ? ExitCode.Failed : ExitCode.Ok,
    };
  },
});

/** Runs a command of the person with the whole environment, and prints its output. @throws UserError if it fails */
async function runReload(command: string): Promise<void> {
  const { run } = await import("../../core/system/process");
  const { exitCode, failure } = await run("/bin/sh", ["-c", command], {
    env: childEnvironment({}, process.env, { secrets: true }),
    onLine: say,
  });
  if (exitCode === 0) return;
  throw new UserError({
    problem: "The command of --reload failed.",
    got: failure ?? `exit code ${exitCode}`,
  });
}

/** Reads the new key, or the management key that makes it. An interrupted rotation already has its key. */
async function readKeys(
  options: KeyOptions,
  deployment: Deployment,
): Promise<{ given?: string; managementKey?: string }> {
  const named = await readNamedKey(options);
  const managementKey = await readManagementKey(deployment);
  const needsNone = named || managementKey || rotationRecord.read(deployment.home) || !isInteractive();
  const given =
    named ?? (needsNone ? undefined : await askForKey("The new OpenRouter key (Enter: have one made):"));
  const maker =
    managementKey ??
    (given || needsNone ? undefined : await askForKey("OpenRouter's management key, which is not kept:"));
  return { ...(given ? { given } : {}), ...(maker ? { managementKey: maker } : {}) };
}

function describe(
  { instance, result, key, why, warnings, pendingCleanups }: RotateReport,
  reloaded: boolean,
): string {
  const lines = [
    ...warnings.flatMap((warning) => hanging("! ", warning)),
    ...describeCleanups(pendingCleanups),
  ];
  if (result === "rotated") {
    if (!reloaded) lines.push(reloadNeeded);
    lines.push(`Instance ${instance}: rotated; the key with fingerprint ${key} is active.`);
  } else if (result === "undone") {
    lines.push(...wrap(`Not rotated: ${why}`, 80));
    lines.push(`Instance ${instance}: the key with fingerprint ${key} is active.`);
  } else lines.push(`Instance ${instance}: not rotated, since ${why}.`);
  return lines.join("\n");
}
