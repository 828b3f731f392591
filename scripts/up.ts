import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { readGivenKey, type KeyOptions } from "./key-input";
import { addHostOptions, addInstanceOptions, addKeyOptions, type HostOptions, type InstanceOptions } from "./options";
import { say } from "./output";
import { phaseRunner } from "./phases";
import { confirmLoss, confirmObtaining } from "./prompts";
import { runVerb } from "./run-verb";

type UpOptions = InstanceOptions & HostOptions & KeyOptions & { readonly replaceKey?: boolean };

/** `up`, which is `npm start`: obtains what the host lacks, deploys, checks. */
export function register(program: Command): void {
  const command = program
    .command("up")
    .description("obtain what the host lacks, deploy, and check (npm start)");
  addKeyOptions(addHostOptions(addInstanceOptions(command))).action(async (options: UpOptions) => {
    process.exitCode = await up(options);
  });
}

async function up(options: UpOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../lib/instance/select");
  const { loadDeployment } = await import("../lib/instance/declaration");
  const given = await readGivenKey(options);
  const instance = selectInstance({ named: options.instance, keyGiven: given !== undefined });
  const deployment = loadDeployment(instance, options.settings);

  return runVerb("up", deployment, async ({ lock, signal }) => {
    const { runUp } = await import("../lib/deploy/up");
    const { outcome, report, summary } = await runUp({
      deployment,
      lock,
      signal,
      given,
      phase: phaseRunner(),
      confirm: confirmObtaining,
      replaceWorkingKey: async (question) => options.replaceKey === true || confirmLoss(question),
      say,
      ...(options.kit ? { kit: options.kit } : {}),
    });
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    say(summary);
    return outcome;
  });
}
