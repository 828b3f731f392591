import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { printJson, say } from "./output";

/** `models`: which model has which role, what it costs, and whether OpenRouter lists it. */
export function register(program: Command): void {
  const command = program
    .command("models")
    .description("show the models by role, with price, context and whether OpenRouter lists them");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
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
    process.exitCode = models.every(({ listed }) => listed) ? ExitCode.Ok : ExitCode.Failed;
  });
}
