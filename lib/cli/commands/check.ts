import { existsSync } from "node:fs";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import { defineCommand } from "../define-command";
import { type CheckOptions, checkOptions } from "../options/check-options";
import { instanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { progressLine } from "../progress-line";
import { writeReportFiles } from "../report-output";
import { runUserCommand } from "../user-command";

/** `check`: checks the key, its budget, the models, and a chat. */
export const register = defineCommand({
  name: "check",
  summary: "check Vault, the key, its budget, the models, a chat, and OpenClaw's files",
  options: [instanceOptions, checkOptions],
  needs: "deployed",
  run: async ({ deployment, options }) => {
    assertDeployed(deployment);
    const { recordCheck, renderReport } = await import("../../check");
    const { journal } = await import("../../store/journal");
    const { describeReplaced } = await import("../../model/models");
    for (const line of describeReplaced(deployment.replacedModels)) say(line);
    const report = await run(options, deployment);
    recordCheck(deployment.home, report);
    journal(deployment.home.journal, { command: "check", result: report.outcome });
    if (options.json) printJson(report);
    say(renderReport(report, terminal()));
    await writeFiles(options, report);
    const isTold = await tellChange(options, deployment, report);
    const failed = report.outcome === "fail" || (options.strict && report.outcome === "warn");
    return failed || !isTold ? ExitCode.Failed : ExitCode.Ok;
  },
});

/** @throws UserError (not deployed) if nothing is deployed yet; a remote state is not read */
export function assertDeployed({ instance, home, settings }: Deployment): void {
  if (settings.terraform.backend.type !== "local" || existsSync(home.state("openrouter"))) return;
  throw new UserError({
    problem: `The instance ${instance} is not deployed on this host.`,
    got: `no ${home.state("openrouter")}`,
    fix: `openclaw-openrouter up --instance ${instance}`,
    exitCode: ExitCode.NotDeployed,
  });
}

async function run(options: CheckOptions, deployment: Deployment): Promise<CheckReport> {
  const { checkParametersOf } = await import("../../model/run-parameters");
  const { reachEngine } = await import("../../docker/engine");
  const { runChecks } = await import("../../check");
  const engine = await reachEngine();
  const parameters = checkParametersOf(deployment);
  const line = progressLine();
  try {
    return await runChecks({
      parameters: { ...parameters, timeoutSeconds: options.timeout ?? parameters.timeoutSeconds },
      ...(engine.state === "running" ? { engine: engine.engine.api } : {}),
      unseal: options.unseal,
      spend: options.spend,
      gateway: options.gateway,
      ...(options.only ? { only: options.only } : {}),
      ...(options.skip ? { skip: options.skip } : {}),
      progress: line.show,
    });
  } finally {
    line.clear();
  }
}

async function writeFiles({ junit, markdown, strict }: CheckOptions, report: CheckReport): Promise<void> {
  const { renderJunit, renderMarkdown } = await import("../../check");
  writeReportFiles(
    { junit, markdown },
    { junit: () => renderJunit(report, strict === true), markdown: () => renderMarkdown(report) },
  );
}

/**
 * Passes a report that differs from the previous one to the command of `--on-change`.
 * @returns false if the command failed: the next check runs it again
 */
async function tellChange(
  { onChange }: CheckOptions,
  { home }: Deployment,
  report: CheckReport,
): Promise<boolean> {
  if (!onChange) return true;
  const { isChanged, recordNotified } = await import("../../check");
  if (!isChanged(home, report)) return true;
  const failure = await runUserCommand(onChange, `${JSON.stringify(report, null, 2)}\n`);
  if (failure === undefined) recordNotified(home, report);
  else say(`! The command of --on-change failed (${failure}); the next check runs it again.`);
  return failure === undefined;
}
