import { existsSync } from "node:fs";
import { defined } from "../../core/defined";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { describeReplaced } from "../../model/openclaw/models";
import { type CheckParameters, checkParametersOf } from "../../model/run-parameters";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import { notDeployed } from "../../session/not-deployed";
import { journal } from "../../store/journal";
import { defineCommand } from "../define-command";
import { runOnHosts } from "../on-hosts";
import { type CheckOptions, checkOptions } from "../options/check-options";
import { hostsOptions } from "../options/hosts-options";
import { instanceOptions, scheduledOption } from "../options/options";
import { printJson, say } from "../output";
import { withProgressLine } from "../phases";
import { writeReportFiles } from "../report-output";

/** `check`: checks the key, its budget, the models, and a chat. */
export const register = defineCommand({
  name: "check",
  summary: "check Vault, the key, its budget, the models, a chat, and OpenClaw's files",
  options: [instanceOptions, checkOptions, hostsOptions, scheduledOption],
  needs: "deployed",
  onJoined: true,
  elsewhere: (call) => runOnHosts(call, ["only", "skip", "spend", "gateway", "strict", "timeout"]),
  run: async ({ deployment, options }) => {
    assertDeployed(deployment);
    const { requireDeployedServers } = await import("../../session/requirements");
    requireDeployedServers(deployment);
    const { recordCheck, recordPartOfCheck, renderReport } = await import("../../check");
    for (const line of describeReplaced(deployment.replacedModels)) say(line);
    const spend = options.spend && (!options.scheduled || (await areChatsDue(deployment.home)));
    const parameters = checkParametersOf(deployment);
    const report = await run({ ...options, spend }, parameters);
    (options.only ? recordPartOfCheck : recordCheck)(deployment.home, report);
    journal(deployment.home.journal, { command: "check", result: report.outcome });
    if (options.json) printJson(report);
    say(renderReport(report, terminal()));
    if (options.scheduled) {
      const { recordScheduledCheck } = await import("../../operations/alerts/scheduled");
      await recordScheduledCheck(deployment, parameters, report);
    }
    // Last: a file that cannot be written silences no alert.
    await writeFiles(options, report);
    const failed = report.outcome === "fail" || (options.strict && report.outcome === "warn");
    return failed ? ExitCode.Failed : ExitCode.Ok;
  },
});

async function areChatsDue(home: HomePaths): Promise<boolean> {
  const { areChatsDue } = await import("../../operations/alerts/scheduled");
  return areChatsDue(home, new Date());
}

/** @throws UserError (not deployed) if nothing is deployed yet; a remote state is not read */
export function assertDeployed({ instance, home, settings, external }: Deployment): void {
  if (external?.joinedAs !== undefined) return;
  if (settings.terraform.backend.type !== "local" || existsSync(home.state("openrouter"))) return;
  throw notDeployed(instance, `no ${home.state("openrouter")}`);
}

async function run(options: CheckOptions, parameters: CheckParameters): Promise<CheckReport> {
  const { reachEngine } = await import("../../docker/engine");
  const { runChecks } = await import("../../check");
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

async function writeFiles({ junit, markdown, strict }: CheckOptions, report: CheckReport): Promise<void> {
  const { renderJunit, renderMarkdown } = await import("../../check");
  writeReportFiles(
    { junit, markdown },
    { junit: () => renderJunit(report, strict === true), markdown: () => renderMarkdown(report) },
  );
}
