import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import type { RebuildReport } from "../../operations/restore/rebuild";
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

type RebuildOptions = InstanceOptions & HostOptions & SharesOptions & { readonly yes?: boolean };

/** `rebuild`: re-creates container and volumes, and compares them with the previous ones. */
export function register(program: Command): void {
  const command = program
    .command("rebuild")
    .description("re-create container and volumes from a backup, and compare them with the previous ones")
    .option("-y, --yes", "do not ask");
  addSharesOptions(addHostOptions(addInstanceOptions(command))).action(async (options: RebuildOptions) => {
    process.exitCode = await rebuildCommand(options);
  });
}

async function rebuildCommand(options: RebuildOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const { container, dataVolume, homeVolume } = deployment;
  const question = `This backs Vault up, makes the container ${container} and the volumes ${dataVolume} and ${homeVolume}
again, and restores the backup. Vault is down meanwhile, for some ten seconds. The old data are
kept until a comparison has shown that all is as it was.`;
  if (!(await requireYes(question, options))) return ExitCode.Failed;
  return runCommand("rebuild", deployment, async (run) => {
    const { requireOwnVault } = await import("../../session/external-vault");
    const { withSandboxServed } = await import("../../sandbox/serve");
    const { rebuild } = await import("../../operations/restore/rebuild");
    requireOwnVault(deployment, "To rebuild", "Its container is its owner's.");
    return withSandboxServed(deployment, async () => {
      const context = await prepareReplacing(deployment, run, options, sharesGiven(options));
      const report = await rebuild(context, { say });
      if (options.json) printJson(report);
      return tell(report);
    });
  });
}

function tell({ instance, comparison, check }: RebuildReport): ExitCode {
  const { compared, changed, renewed } = comparison;
  for (const { what, before, after } of renewed) say(`  ${what}: ${before} → ${after}`);
  const same = compared - changed.length;
  say(`${same} of ${compared} things are as they were: mounts, policies, roles, every version of every
secret, OpenClaw's files, the declaration.`);
  for (const name of changed) say(`✘ ${name} has changed`);
  if (changed.length === 0 && check.outcome !== "fail") {
    say(`Instance ${instance} is rebuilt; the check passed.`);
    return ExitCode.Ok;
  }
  say(`Instance ${instance} is rebuilt, but differs from before. The previous data are kept:
openclaw-openrouter restore --undo brings them back.`);
  return ExitCode.Failed;
}
