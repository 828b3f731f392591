import { availableParallelism } from "node:os";
import { wrongUsage } from "../../core/errors";
import type { ExitCode } from "../../core/exit-codes";
import { type Progress, silent } from "../../core/progress";
import type { RunDriftOptions } from "../../drift/run-drift";
import type { Deployment } from "../../model/deployment";
import type { KeyDecision } from "../../operations/drift-fix/fix-key";
import type { DriftReport, DriftReports, ReportedFinding } from "../../report/drift-report";
import { terminal } from "../../report/terminal";
import { instances } from "../../store/home";
import type { SharedProviders } from "../../terraform/fast/shared-providers";
import { defineCommand, openedInstance, prepareContext, underLock } from "../define-command";
import { readGivenKey } from "../input/key-input";
import { confirmLoss, requireAnswer } from "../input/prompts";
import { sharesOptions } from "../input/shares-input";
import { runOnHosts } from "../on-hosts";
import { driftReportOptions } from "../options/drift-options";
import { hostsOptions } from "../options/hosts-options";
import {
  durationOption,
  instanceOptions,
  option,
  optionGroup,
  type ParsedBy,
  scheduledOption,
} from "../options/options";
import { printJson, say } from "../output";
import { withProgressLine } from "../phases";
import { writeReportFiles } from "../report-output";

const options = optionGroup(
  instanceOptions,
  sharesOptions,
  option("--all", "every instance of this host"),
  driftReportOptions,
  option("--from-report <file>", "inspect nothing: read the report of a run with --report"),
  durationOption("--max-age <duration>", "with --from-report: the maximum age of the report", 3 * 3600),
  option("--fix", "show the fix, ask, apply it, and compare again"),
  option("--key <which>", "with --fix: the key to keep if another one was stored by hand", {
    choices: ["stored", "deployed"],
  }),
  option("-y, --yes", "with --fix: do not ask"),
  hostsOptions,
  scheduledOption,
);
type DriftOptions = ParsedBy<typeof options>;

/** `drift`: compares the host with what was deployed. */
export const register = defineCommand({
  name: "drift",
  summary: "report whether the host is still what was deployed; changes nothing without --fix",
  options: [options],
  elsewhere: (call) => runOnHosts(call, ["network", "gateway", "allOfVault"]),
  run: async ({ options, command }) => {
    if (options.fromReport !== undefined) {
      const { driftFromReport } = await import("../drift-from-report");
      const given = Object.keys(options).filter((name) => command.getOptionValueSource(name) !== "default");
      return driftFromReport({ ...options, fromReport: options.fromReport }, given);
    }
    return options.all ? driftAll(options) : driftOne(options);
  },
});

async function driftOne(options: DriftOptions): Promise<ExitCode> {
  const deployment = await openedInstance(options);
  if (options.fix) return fix(options, deployment);
  const { runDrift } = await import("../../drift/run-drift");
  const { driftExitCode, renderDriftReport } = await import("../../drift");
  const report = await inspecting(async (sharedProviders, progress) =>
    runDrift(await runOptions(options, deployment, sharedProviders, progress)),
  );
  if (options.json) printJson(report);
  say(renderDriftReport(report, terminal()));
  if (options.scheduled) {
    const { recordScheduledDrift } = await import("../../operations/alerts/scheduled");
    await recordScheduledDrift(deployment, report);
  }
  // Last: a file that cannot be written silences no alert.
  await writeFiles(options, [report]);
  return driftExitCode(report);
}

/** Runs an inspection with providers that its plans share, and shows its progress. */
async function inspecting<T>(
  work: (sharedProviders: SharedProviders, progress: Progress) => Promise<T>,
): Promise<T> {
  const { withSharedProviders } = await import("../../terraform/fast/shared-providers");
  return withProgressLine((progress) =>
    withSharedProviders((sharedProviders) => work(sharedProviders, progress)),
  );
}

async function driftAll(options: DriftOptions): Promise<ExitCode> {
  if (options.fix || options.instance || options.settings || options.baseline || options.report) {
    throw wrongUsage({
      problem: "--all inspects every instance, each with its own settings.",
      got: "--all beside --fix, --instance, --settings, --baseline or --report",
    });
  }
  const { loadDeployment } = await import("../../session/load-deployment");
  const { runDrift } = await import("../../drift/run-drift");
  const { driftExitCodeOfAll, driftOfAll, renderDriftReport, renderFailed } = await import("../../drift");
  const all = instances();
  // Which says that nothing is deployed: success would say that something was inspected.
  if (all.length === 0) return driftOne(options);
  const reports = await inspecting((sharedProviders, progress) =>
    driftOfAll(
      all,
      async (instance) =>
        runDrift(await runOptions(options, loadDeployment(instance), sharedProviders, progress)),
      availableParallelism(),
    ),
  );
  if (options.json) printJson(reports);
  for (const report of reports.instances) say(`${renderDriftReport(report, terminal())}\n`);
  for (const each of reports.failed) say(`${renderFailed(each)}\n`);
  await writeFiles(options, reports.instances, reports.failed);
  return driftExitCodeOfAll(reports);
}

async function runOptions(
  options: DriftOptions,
  deployment: Deployment,
  sharedProviders: SharedProviders,
  progress: Progress,
): Promise<RunDriftOptions> {
  const { readBaseline, readIgnoreFile } = await import("../../drift/read-files");
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

async function writeFiles(
  { junit, markdown, report }: DriftOptions,
  reports: readonly DriftReport[],
  failed: DriftReports["failed"] = [],
): Promise<void> {
  const { renderDriftJunit, renderDriftMarkdown, renderFailedMarkdown } = await import("../../drift");
  writeReportFiles(
    { junit, markdown },
    {
      junit: () => renderDriftJunit(reports, failed),
      markdown: () => [...reports.map(renderDriftMarkdown), ...failed.map(renderFailedMarkdown)].join("\n"),
    },
  );
  const [only] = reports;
  if (report !== undefined && only) {
    const { writeReportFile } = await import("../../drift/report-file");
    writeReportFile(report, only);
  }
}

async function fix(options: DriftOptions, deployment: Deployment): Promise<ExitCode> {
  requireAnswer("--fix changes the host", options);
  const { fixDrift } = await import("../../operations/drift-fix/fix");
  const { withSharedProviders } = await import("../../terraform/fast/shared-providers");
  const { driftExitCode, renderDriftReport } = await import("../../drift");
  const given = await readGivenKey(deployment);
  return underLock("drift --fix", deployment, options, {}, async ({ preparing, signal }) => {
    const context = await prepareContext(preparing);
    const { report, done } = await withSharedProviders(async (sharedProviders) =>
      fixDrift({
        ...(await runOptions(options, deployment, sharedProviders, silent)),
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
