import { availableParallelism } from "node:os";
import { wrongUsage } from "../../core/errors";
import type { ExitCode } from "../../core/exit-codes";
import { type Progress, silent } from "../../core/progress";
import {
  driftExitCode,
  driftExitCodeOfAll,
  driftOfAll,
  renderDriftJunit,
  renderDriftMarkdown,
  renderDriftReport,
  renderFailed,
  renderFailedMarkdown,
} from "../../drift";
import { readBaseline, readIgnoreFile } from "../../drift/read-files";
import { writeReportFile } from "../../drift/report-file";
import { type RunDriftOptions, runDrift } from "../../drift/run-drift";
import type { Deployment } from "../../model/deployment";
import type { KeyDecision } from "../../operations/drift-fix/fix-key";
import type { DriftReport, DriftReports, ReportedFinding } from "../../report/drift-report";
import { terminal } from "../../report/terminal";
import { loadDeployment } from "../../session/load-deployment";
import { instances } from "../../store/home";
import { type SharedProviders, withSharedProviders } from "../../terraform/fast/shared-providers";
import { openedInstance, prepareContext, underLock } from "../define-command";
import { readGivenKey } from "../input/key-input";
import { confirmLoss, requireAnswer } from "../input/prompts";
import type { DriftOptions } from "../options/drift-options";
import { printJson, say } from "../output";
import { withProgressLine } from "../phases";
import { writeReportFiles } from "../report-output";

export async function driftOne(options: DriftOptions): Promise<ExitCode> {
  const deployment = await openedInstance(options);
  if (options.fix) return fix(options, deployment);
  const report = await inspecting((sharedProviders, progress) =>
    runDrift(runOptions(options, deployment, sharedProviders, progress)),
  );
  if (options.json) printJson(report);
  say(renderDriftReport(report, terminal()));
  if (options.scheduled) {
    const { recordScheduledDrift } = await import("../../operations/alerts/scheduled");
    await recordScheduledDrift(deployment, report);
  }
  // Last: a file that cannot be written silences no alert.
  writeFiles(options, [report]);
  return driftExitCode(report);
}

/** Runs an inspection with providers that its plans share, and shows its progress. */
function inspecting<T>(
  work: (sharedProviders: SharedProviders, progress: Progress) => Promise<T>,
): Promise<T> {
  return withProgressLine((progress) =>
    withSharedProviders((sharedProviders) => work(sharedProviders, progress)),
  );
}

export async function driftAll(options: DriftOptions): Promise<ExitCode> {
  if (options.fix || options.instance || options.settings || options.baseline || options.report) {
    throw wrongUsage({
      problem: "--all inspects every instance, each with its own settings.",
      got: "--all beside --fix, --instance, --settings, --baseline or --report",
    });
  }
  const all = instances();
  // Which says that nothing is deployed: success would say that something was inspected.
  if (all.length === 0) return driftOne(options);
  const reports = await inspecting((sharedProviders, progress) =>
    driftOfAll(
      all,
      async (instance) => runDrift(runOptions(options, loadDeployment(instance), sharedProviders, progress)),
      availableParallelism(),
    ),
  );
  if (options.json) printJson(reports);
  for (const report of reports.instances) say(`${renderDriftReport(report, terminal())}\n`);
  for (const each of reports.failed) say(`${renderFailed(each)}\n`);
  writeFiles(options, reports.instances, reports.failed);
  return driftExitCodeOfAll(reports);
}

function runOptions(
  options: DriftOptions,
  deployment: Deployment,
  sharedProviders: SharedProviders,
  progress: Progress,
): RunDriftOptions {
  const ignore = readIgnoreFile(options.ignore, deployment.home);
  return {
    deployment,
    network: options.network,
    gateway: options.gateway,
    allOfVault: options.allOfVault === true,
    ...(options.baseline ? { baseline: readBaseline(options.baseline) } : {}),
    ...(ignore ? { ignore } : {}),
    sharedProviders,
    progress,
  };
}

function writeFiles(
  options: DriftOptions,
  reports: readonly DriftReport[],
  failed: DriftReports["failed"] = [],
): void {
  writeReportFiles(options, {
    junit: () => renderDriftJunit(reports, failed),
    markdown: () => [...reports.map(renderDriftMarkdown), ...failed.map(renderFailedMarkdown)].join("\n"),
  });
  const [only] = reports;
  if (options.report !== undefined && only) writeReportFile(options.report, only);
}

async function fix(options: DriftOptions, deployment: Deployment): Promise<ExitCode> {
  requireAnswer("--fix changes the host", options);
  const { fixDrift } = await import("../../operations/drift-fix/fix");
  const given = await readGivenKey(deployment);
  return underLock("drift --fix", deployment, options, {}, async ({ preparing, signal }) => {
    const context = await prepareContext(preparing);
    const { report, done } = await withSharedProviders(async (sharedProviders) =>
      fixDrift({
        ...runOptions(options, deployment, sharedProviders, silent),
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
    writeFiles(options, [report]);
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
