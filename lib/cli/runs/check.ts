import {
  recordCheck,
  recordPartOfCheck,
  renderJunit,
  renderMarkdown,
  renderReport,
  runChecks,
} from "../../check";
import { defined } from "../../core/defined";
import { ExitCode } from "../../core/exit-codes";
import { reachEngine } from "../../docker/engine";
import type { Deployment } from "../../model/deployment";
import { describeReplaced } from "../../model/openclaw/models";
import { type CheckParameters, checkParametersOf } from "../../model/run-parameters";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import { followCa } from "../../session/ca-for-hosts";
import { requireDeployedServers } from "../../session/requirements";
import { journal } from "../../store/journal";
import type { CheckOptions } from "../options/check-options";
import type { InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { withProgressLine } from "../phases";
import { writeReportFiles } from "../report-output";

/** Checks, shows the report, and records it. @returns the exit code */
export async function checkAndRecord(
  deployment: Deployment,
  options: CheckOptions & InstanceOptions & { readonly scheduled?: boolean },
): Promise<ExitCode> {
  requireDeployedServers(deployment);
  for (const line of describeReplaced(deployment.replacedModels)) say(line);
  const alerts = options.scheduled ? await import("../../operations/alerts/scheduled") : undefined;
  const spend = options.spend && (alerts?.areChatsDue(deployment.home, new Date()) ?? true);
  const parameters = checkParametersOf(deployment);
  const report = await run({ ...options, spend }, parameters);
  (options.only ? recordPartOfCheck : recordCheck)(deployment.home, report);
  journal(deployment.home.journal, { command: "check", result: report.outcome });
  if (options.json) printJson(report);
  say(renderReport(report, terminal()));
  if (report.results.some(({ id, status }) => id === "vault.unsealed" && status === "pass"))
    await followCa(deployment);
  await alerts?.recordScheduledCheck(deployment, parameters, report);
  // Last: a file that cannot be written silences no alert.
  writeReportFiles(options, {
    junit: () => renderJunit(report, options.strict === true),
    markdown: () => renderMarkdown(report),
  });
  const failed = report.outcome === "fail" || (options.strict && report.outcome === "warn");
  return failed ? ExitCode.Failed : ExitCode.Ok;
}

async function run(options: CheckOptions, parameters: CheckParameters): Promise<CheckReport> {
  const engine = await reachEngine();
  return withProgressLine((progress) =>
    runChecks({
      parameters: { ...parameters, timeoutSeconds: options.timeout ?? parameters.timeoutSeconds },
      ...(engine.state === "running" ? { engine: engine.engine.api } : {}),
      unseal: options.unseal,
      spend: options.spend,
      gateway: options.gateway,
      ...defined({ only: options.only, skip: options.skip }),
      progress,
    }),
  );
}
