import { ExitCode } from "../../core/exit-codes";
import type { Outcome } from "../define-command";
import type { InstanceOptions } from "../options/options";
import { say } from "../output";

/** `status --models`: lists the models by role, with price and whether OpenRouter lists them. */
export async function showModels(options: InstanceOptions): Promise<Outcome> {
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
  return {
    json: { instance, models },
    text: options.json ? undefined : renderModelTable(models),
    code: models.every(({ listed }) => listed) ? ExitCode.Ok : ExitCode.Failed,
  };
}
