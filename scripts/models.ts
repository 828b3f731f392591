import { ExitCode } from "../lib/model/exit-codes";
import type { InstanceOptions } from "./options";
import { printJson, say } from "./output";

/** `status --models`: which model has which role, what it costs, and whether OpenRouter lists it. */
export async function showModels(options: InstanceOptions): Promise<ExitCode> {
  const { loadDeployment } = await import("../lib/instance/declaration");
  const { selectInstance } = await import("../lib/instance/select");
  const { readModelTable, renderModelTable } = await import("../lib/openrouter/model-table");
  const { withSandboxServed } = await import("../lib/deploy/sandbox");
  const { describeReplaced } = await import("../lib/model/models");
  const instance = selectInstance({
    named: options.instance,
    keyGiven: Boolean(process.env.OPENROUTER_API_KEY),
  });
  const deployment = loadDeployment(instance, options.settings);
  for (const line of describeReplaced(deployment.replacedModels)) say(line);
  const models = await withSandboxServed(deployment, () => readModelTable(deployment));
  if (options.json) printJson({ version: 1, instance, models });
  else say(renderModelTable(models));
  return models.every(({ listed }) => listed) ? ExitCode.Ok : ExitCode.Failed;
}
