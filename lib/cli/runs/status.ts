import { resolve } from "node:path";
import { ExitCode } from "../../core/exit-codes";
import { asUserError } from "../../core/refused";
import { describeReplaced } from "../../model/openclaw/models";
import { readModelTable, renderModelTable } from "../../openrouter/model-table";
import { measurements, renderMetrics } from "../../operations/prometheus";
import { isDeployed, readStatus, renderStatus, type Status } from "../../operations/status";
import { namingInstance } from "../../report/clean";
import { writeReport } from "../../report/write-report";
import { withSandboxServed } from "../../sandbox/serve";
import { loadDeployment } from "../../session/load-deployment";
import { instances } from "../../store/home";
import { selectInstance } from "../../store/select";
import { type Outcome, openedInstance } from "../define-command";
import type { InstanceOptions } from "../options/options";
import { say, speakOf } from "../output";

export async function show(options: InstanceOptions): Promise<Outcome> {
  const status = await readStatus(await openedInstance(options));
  return {
    json: status,
    view: renderStatus(status),
    code: isDeployed(status) ? ExitCode.Ok : ExitCode.NotDeployed,
  };
}

export async function writeMetrics(options: InstanceOptions, file: string): Promise<Outcome> {
  const deployment = await openedInstance(options);
  // The collector is another user. It must never read half a file.
  writeReport(resolve(file), renderMetrics(await measurements(deployment)));
  return { json: { file: resolve(file) } };
}

export async function showAll(): Promise<Outcome> {
  const found = await Promise.all(instances().map(inspect));
  const blocks = found.map((each) =>
    "problem" in each ? `instance  ${each.instance}\nproblem   ${each.problem}` : renderStatus(each),
  );
  const isProblem = found.some((each) => "problem" in each);
  const isMissing = found.some((each) => !("problem" in each) && !isDeployed(each));
  return {
    json: { instances: found },
    view: blocks.join("\n\n") || "No instance is deployed on this host.",
    code: isMissing ? ExitCode.NotDeployed : isProblem ? ExitCode.Failed : ExitCode.Ok,
  };
}

/** An instance that cannot be inspected, for example because its settings are wrong, does not hide the others. */
async function inspect(
  instance: string,
): Promise<Status | { readonly version: 1; readonly instance: string; readonly problem: string }> {
  try {
    return await readStatus(loadDeployment(instance));
  } catch (error) {
    const told = asUserError(error);
    if (!told) throw error;
    return { version: 1, instance, problem: namingInstance(instance, told.message) };
  }
}

/** `status --models`: lists the models by role, with price and whether OpenRouter lists them. */
export async function showModels(options: InstanceOptions): Promise<Outcome> {
  const instance = selectInstance({ named: options.instance });
  speakOf(instance);
  const deployment = loadDeployment(instance, options.settings);
  for (const line of describeReplaced(deployment.replacedModels)) say(line);
  const models = await withSandboxServed(deployment, () => readModelTable(deployment));
  return {
    json: { instance, models },
    view: renderModelTable(models),
    code: models.every(({ listed }) => listed) ? ExitCode.Ok : ExitCode.Failed,
  };
}
