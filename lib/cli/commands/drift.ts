import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { DriftReport, ReportedFinding } from "../../drift/report";
import type { RunDriftOptions } from "../../drift/run-drift";
import type { Deployment } from "../../model/deployment";
import type { KeyDecision } from "../../operations/drift-fix/fix-key";
import { terminal } from "../../report/terminal";
import type { SharedProviders } from "../../terraform/fast/shared-providers";
import { durationOption } from "../input/durations";
import { confirmLoss, confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import { addDriftReportOptions, type DriftReportOptions } from "../options/drift-options";
import { addInstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { progressLine } from "../progress-line";
import { writeReportFiles } from "../report-output";

interface DriftOptions extends DriftReportOptions, SharesOptions {
  readonly all?: boolean;
  readonly fix?: boolean;
  readonly fromReport?: string;
  readonly key?: KeyDecision;
  readonly maxAge: number;
  readonly yes?: boolean;
}

/** `drift`: compares the host with what was deployed. */
export function register(program: Command): void {
  const command = program
    .command("drift")
    .description("report whether the host is still what was deployed; changes nothing without --fix");
  addSharesOptions(addInstanceOptions(command)).option("--all", "every instance of this host");
  addDriftReportOptions(command)
    .option("--from-report <file>", "inspect nothing: read the report of a run with --report")
    .addOption(
      durationOption("--max-age <duration>", "with --from-report: the maximum age of the report", 3 * 3600),
    )
    .option("--fix", "show the fix, ask, apply it, and compare again")
    .addOption(
      new Option("--key <which>", "with --fix: the key to keep if another one was stored by hand").choices([
        "stored",
        "deployed",
      ]),
    )
    .option("-y, --yes", "with --fix: do not ask")
    .action(async (options: DriftOptions) => {
      if (options.fromReport !== undefined) {
        const { driftFromReport } = await import("../drift-from-report");
        const given = Object.keys(options).filter((name) => command.getOptionValueSource(name) !== "default");
        process.exitCode = await driftFromReport({ ...options, fromReport: options.fromReport }, given);
      } else process.exitCode = options.all ? await driftAll(options) : await driftOne(options);
    });
}

async function driftOne(options: DriftOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  if (options.fix) return fix(options, deployment);
  const { runDrift } = await import("../../drift/run-drift");
  const { withSharedProviders } = await import("../../terraform/fast/shared-providers");
  const line = progressLine();
  const report = await withSharedProviders(async (sharedProviders) =>
    runDrift(await runOptions(options, deployment, sharedProviders, line.show)),
  ).finally(line.clear);
  const { driftExitCode, renderDriftReport } = await import("../../drift");
  if (options.json) printJson(report);
  say(renderDriftReport(report, terminal()));
  await writeFiles(options, [report]);
  return driftExitCode(report);
}

async function driftAll(options: DriftOptions): Promise<ExitCode> {
  if (options.fix || options.instance || options.settings || options.baseline || options.report) {
    throw new UserError({
      problem: "--all inspects every instance, each with its own settings.",
      got: "--all beside --fix, --instance, --settings, --baseline or --report",
      exitCode: ExitCode.WrongUsage,
    });
  }
  const { instances } = await import("../../store/home");
  const { loadDeployment } = await import("../../session/load-deployment");
  const { runDrift } = await import("../../drift/run-drift");
  const { driftExitCodeOfAll, driftOfAll, renderDriftReport } = await import("../../drift");
  const { withSharedProviders } = await import("../../terraform/fast/shared-providers");
  const line = progressLine();
  const reports = await withSharedProviders((sharedProviders) =>
    driftOfAll(
      instances(),
      async (instance) =>
        runDrift(await runOptions(options, loadDeployment(instance), sharedProviders, line.show)),
      availableParallelism(),
    ),
  ).finally(line.clear);
  if (options.json) printJson(reports);
  for (const report of reports.instances) say(`${renderDriftReport(report, terminal())}\n`);
  for (const { instance, problem } of reports.failed) say(`✖ ${instance}: ${problem}\n`);
  await writeFiles(options, reports.instances);
  return driftExitCodeOfAll(reports);
}

async function runOptions(
  options: DriftOptions,
  deployment: Deployment,
  sharedProviders: SharedProviders,
  progress: (line: string) => void,
): Promise<RunDriftOptions> {
  const { readBaseline, readIgnoreFile } = await import("../../drift/read-files");
  const ignore = readIgnoreFile(options.ignore, deployment.home);
  return {
    deployment,
    network: options.network,
    allOfVault: options.allOfVault === true,
    ...(options.baseline ? { baseline: readBaseline(options.baseline) } : {}),
    ...(ignore ? { ignore } : {}),
    sharedProviders,
    progress,
  };
}

async function writeFiles(
  { junit, markdown, report }: DriftOptions,
  reports: readonly DriftReport[],
): Promise<void> {
  const { renderDriftJunit, renderDriftMarkdown } = await import("../../drift");
  writeReportFiles(
    { junit, markdown },
    {
      junit: () => renderDriftJunit(reports),
      markdown: () => reports.map(renderDriftMarkdown).join("\n"),
    },
  );
  const [only] = reports;
  if (report !== undefined && only) {
    const { writeReportFile } = await import("../../drift/report-file");
    writeReportFile(report, only);
  }
}

async function fix(options: DriftOptions, deployment: Deployment): Promise<ExitCode> {
  if (!options.yes && !isInteractive()) {
    throw new UserError({
      problem: "Nobody can be asked here, and --fix changes the host.",
      fix: "Add --yes.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  const { runCommand } = await import("../run-command");
  const { readGivenKey } = await import("../input/key-input");
  const { fixDrift } = await import("../../operations/drift-fix/fix");
  const { withSharedProviders } = await import("../../terraform/fast/shared-providers");
  const { driftExitCode, renderDriftReport } = await import("../../drift");
  const given = await readGivenKey(deployment);
  return runCommand("drift --fix", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../../session/context");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      ...{ deployment, lock, signal, phase, confirm: confirmStarting },
      ...sharesGiven(options),
    });
    const { report, done } = await withSharedProviders(async (sharedProviders) =>
      fixDrift({
        ...(await runOptions(options, deployment, sharedProviders, () => {})),
        signal,
        context,
        given,
        show: (each) => say(`\n${renderDriftReport(each, terminal())}\n`),
        agree: async (steps) => {
          say(`This would be done:\n${steps.map((step) => `  - ${step}`).join("\n")}`);
          return options.yes === true || confirmLoss("Do it?");
        },
        decideKey: (finding) => decideKey(options, finding),
      }),
    );
    if (options.json) printJson({ ...report, done });
    await writeFiles(options, [report]);
    return driftExitCode(report);
  });
}

async function decideKey(
  { key, yes }: DriftOptions,
  { expected, actual }: ReportedFinding,
): Promise<KeyDecision> {
  if (key) return key;
  if (yes) {
    say("! No key was chosen (--key stored, --key deployed): both stay unchanged.");
    return "neither";
  }
  if (await confirmLoss(`Put the deployed key (${expected}) back instead of the stored one?`))
    return "deployed";
  return (await confirmLoss(`Keep the stored key (${actual}) as the deployed one from now on?`))
    ? "stored"
    : "neither";
}
