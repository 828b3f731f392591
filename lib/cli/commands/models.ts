import { ExitCode } from "../../core/exit-codes";
import type { InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

/** `status --models`: lists the models by role, with price and whether OpenRouter lists them. */
export async function showModels(options: InstanceOptions): Promise<ExitCode> {
  const { loadDeployment } = await import("../../session/load-deployment");
  const { selectInstance } = await import("../../store/select");
  const { readModelTable, renderModelTable } = await import("../../openrouter/model-table");
  const { withSandboxServed } = await import("../../sandbox/serve");
  const { describeReplaced } = await import("../../model/models");
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
