import { type Command, Option } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { Status } from "../../operations/status";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

type StatusOptions = InstanceOptions & { readonly all?: boolean; readonly models?: boolean };

/** `status`: shows what is known of one instance, or of all; changes nothing. */
export function register(program: Command): void {
  const command = program
    .command("status")
    .description("show directory, versions, seal, key and last check")
    .option("--all", "of every instance of this host")
    .addOption(
      new Option(
        "--models",
        "show instead the models by role, with price, context and whether OpenRouter lists them",
      ).conflicts("all"),
    );
  addInstanceOptions(command).action(async (options: StatusOptions) => {
    if (options.models) {
      const { showModels } = await import("./models");
      process.exitCode = await showModels(options);
    } else process.exitCode = options.all ? await showAll(options) : await show(options);
  });
}

async function show(options: StatusOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const { isDeployed, readStatus, renderStatus } = await import("../../operations/status");
  const status = await readStatus(openInstance(options));
  if (options.json) printJson(status);
  else say(renderStatus(status));
  return isDeployed(status) ? ExitCode.Ok : ExitCode.NotDeployed;
}

async function showAll({ json }: StatusOptions): Promise<ExitCode> {
  const { isDeployed, renderStatus } = await import("../../operations/status");
  const { instances } = await import("../../store/home");
  const found = await Promise.all(instances().map(inspect));
  if (json) {
    printJson({ version: 1, instances: found });
  } else {
    const blocks = found.map((each) =>
      "problem" in each ? `instance  ${each.instance}\nproblem   ${each.problem}` : renderStatus(each),
    );
    say(blocks.join("\n\n") || "No instance is deployed on this host.");
  }
  if (found.some((each) => !("problem" in each) && !isDeployed(each))) return ExitCode.NotDeployed;
  return found.some((each) => "problem" in each) ? ExitCode.Failed : ExitCode.Ok;
}

/** An instance that cannot be inspected, for example because its settings are wrong, does not hide the others. */
async function inspect(
  instance: string,
): Promise<Status | { readonly version: 1; readonly instance: string; readonly problem: string }> {
  const { loadDeployment } = await import("../../session/load-deployment");
  const { readStatus } = await import("../../operations/status");
  try {
    return await readStatus(loadDeployment(instance));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { version: 1, instance, problem: error.message };
  }
}
