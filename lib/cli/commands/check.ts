import { existsSync } from "node:fs";
import type { Command } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import { addCheckOptions, type CheckOptions } from "../options/check-options";
import { addInstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { progressLine } from "../progress-line";
import { writeReportFiles } from "../report-output";

/** `check`: checks the key, its budget, the models, and a chat. */
export function register(program: Command): void {
  const command = program
    .command("check")
    .description("check Vault, the key, its budget, the models, a chat, and OpenClaw's files");
  addCheckOptions(addInstanceOptions(command)).action(async (options: CheckOptions) => {
    process.exitCode = await check(options);
  });
}

async function check(options: CheckOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  assertDeployed(deployment);
  const { recordCheck } = await import("../../check");
  const { journal } = await import("../../store/journal");
  const { describeReplaced } = await import("../../model/models");
  for (const line of describeReplaced(deployment.replacedModels)) say(line);
  const report = await run(options, deployment);
  recordCheck(deployment.home, report);
  journal(deployment.home.journal, { command: "check", result: report.outcome });
  await write(options, report);
  const isTold = await tellChange(options, deployment, report);
  const failed = report.outcome === "fail" || (options.strict && report.outcome === "warn");
  return failed || !isTold ? ExitCode.Failed : ExitCode.Ok;
}

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
  const { checkParametersOf } = await import("../../model/check-parameters");
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
      ...(options.only ? { only: options.only } : {}),
      ...(options.skip ? { skip: options.skip } : {}),
      progress: line.show,
    });
  } finally {
    line.clear();
  }
}

/** Writes the report in every requested format. */
async function write(options: CheckOptions, report: CheckReport): Promise<void> {
  const { renderJunit, renderMarkdown, renderReport } = await import("../../check");
  if (options.json) printJson(report);
  say(renderReport(report, terminal()));
  writeReportFiles(
    { junit: options.junit, markdown: options.markdown },
    {
      junit: () => renderJunit(report, options.strict === true),
      markdown: () => renderMarkdown(report),
    },
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
  const { childEnvironment } = await import("../../core/environment");
  const process = await import("../../core/process");
  const input = `${JSON.stringify(report, null, 2)}\n`;
  const { exitCode, failure } = await process.run("/bin/sh", ["-c", onChange], {
    env: childEnvironment({}, globalThis.process.env, { secrets: true }),
    input,
    onLine: say,
  });
  if (exitCode === 0) {
    recordNotified(home, report);
    return true;
  }
  say(
    `! The command of --on-change failed (${failure ?? `exit code ${exitCode}`}); the next check runs it again.`,
  );
  return false;
}
