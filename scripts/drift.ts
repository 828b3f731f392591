import type { Command } from "commander";
import type { DriftOutcome } from "../lib/drift";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { say } from "./output";
import { progressLine } from "./progress-line";

interface DriftOptions extends InstanceOptions {
  readonly network: boolean;
  readonly allOfVault?: boolean;
}

/** `drift`: is the host still what was deployed. */
export function register(program: Command): void {
  const command = program.command("drift").description("tell whether the host is still what was deployed");
  addInstanceOptions(command)
    .option("--no-network", "do not ask OpenRouter about the key")
    .option("--all-of-vault", "what is in Vault besides ours is drift as well")
    .action(async (options: DriftOptions) => {
      process.exitCode = await driftVerb(options);
    });
}

const exitCodes: Record<DriftOutcome, ExitCode> = {
  clean: ExitCode.Ok,
  drift: ExitCode.Drift,
  undetermined: ExitCode.Failed,
  "not-applied": ExitCode.NotApplied,
};

async function driftVerb(options: DriftOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const { renderDriftReport, runDrift } = await import("../lib/drift");
  const deployment = openInstance(options);
  const line = progressLine();
  const report = await runDrift({
    deployment,
    network: options.network,
    allOfVault: options.allOfVault === true,
    progress: line.show,
  }).finally(line.clear);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  const onTerminal = process.stderr.isTTY === true;
  say(
    renderDriftReport(report, {
      colour: onTerminal && !process.env.NO_COLOR,
      width: process.stderr.columns || 80,
    }),
  );
  return exitCodes[report.outcome];
}
