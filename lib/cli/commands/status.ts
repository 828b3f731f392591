import { resolve } from "node:path";
import { ExitCode } from "../../core/exit-codes";
import { asUserError } from "../../core/refused";
import { describeReplaced } from "../../model/openclaw/models";
import type { Status } from "../../operations/status";
import { namingInstance } from "../../report/clean";
import { writeReport } from "../../report/write-report";
import { instances } from "../../store/home";
import { selectInstance } from "../../store/select";
import { defineCommand, type Outcome, openedInstance } from "../define-command";
import { runOnHosts } from "../on-hosts";
import { hostsOptions } from "../options/hosts-options";
import { type InstanceOptions, instanceOptions, option, optionGroup } from "../options/options";
import { say, speakOf } from "../output";

const statusOptions = optionGroup(
  option("--all", "of every instance of this host", { conflicts: ["instance", "settings", "prometheus"] }),
  option("--prometheus <file>", "write it for the textfile collector of Prometheus' node_exporter instead"),
  option(
    "--models",
    "show instead the models by role, with price, context and whether OpenRouter lists them",
    {
      conflicts: ["all", "prometheus"],
    },
  ),
);

/** `status`: shows what is known of one instance, or of all; changes nothing. */
export const register = defineCommand({
  name: "status",
  summary: "show directory, versions, seal, key and last check",
  options: [statusOptions, instanceOptions, hostsOptions],
  elsewhere: (call) => runOnHosts(call, []),
  run: ({ options }) => {
    if (options.models) return showModels(options);
    if (options.prometheus !== undefined) return writeMetrics(options, options.prometheus);
    return options.all ? showAll(options) : show(options);
  },
});

async function show(options: InstanceOptions): Promise<Outcome> {
  const { isDeployed, readStatus, renderStatus } = await import("../../operations/status");
  const status = await readStatus(await openedInstance(options));
  return {
    json: status,
    text: options.json ? undefined : renderStatus(status),
    code: isDeployed(status) ? ExitCode.Ok : ExitCode.NotDeployed,
  };
}

async function writeMetrics(options: InstanceOptions, file: string): Promise<Outcome> {
  const { measurements, renderMetrics } = await import("../../operations/prometheus");
  const deployment = await openedInstance(options);
  // The collector is another user. It must never read half a file.
  writeReport(resolve(file), renderMetrics(await measurements(deployment)));
  return { json: { file: resolve(file) } };
}

async function showAll({ json }: InstanceOptions): Promise<Outcome> {
  const { isDeployed, renderStatus } = await import("../../operations/status");
  const found = await Promise.all(instances().map(inspect));
  const blocks = found.map((each) =>
    "problem" in each ? `instance  ${each.instance}\nproblem   ${each.problem}` : renderStatus(each),
  );
  const isProblem = found.some((each) => "problem" in each);
  const isMissing = found.some((each) => !("problem" in each) && !isDeployed(each));
  return {
    json: { instances: found },
    text: json ? undefined : blocks.join("\n\n") || "No instance is deployed on this host.",
    code: isMissing ? ExitCode.NotDeployed : isProblem ? ExitCode.Failed : ExitCode.Ok,
  };
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
    const told = asUserError(error);
    if (!told) throw error;
    return { version: 1, instance, problem: namingInstance(instance, told.message) };
  }
}

/** `status --models`: lists the models by role, with price and whether OpenRouter lists them. */
async function showModels(options: InstanceOptions): Promise<Outcome> {
  const { loadDeployment } = await import("../../session/load-deployment");
  const { readModelTable, renderModelTable } = await import("../../openrouter/model-table");
  const { withSandboxServed } = await import("../../sandbox/serve");
  const instance = selectInstance({
    named: options.instance,
    keyGiven: Boolean(process.env.OPENROUTER_API_KEY),
  });
  speakOf(instance);
  const deployment = loadDeployment(instance, options.settings);
  for (const line of describeReplaced(deployment.replacedModels)) say(line);
  const models = await withSandboxServed(deployment, () => readModelTable(deployment));
  return {
    json: { instance, models },
    text: options.json ? undefined : renderModelTable(models),
    code: models.every(({ listed }) => listed) ? ExitCode.Ok : ExitCode.Failed,
  };
}
