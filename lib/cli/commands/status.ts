import { ExitCode } from "../../core/exit-codes";
import { defineCommand } from "../define-command";
import { runOnHosts } from "../on-hosts";
import { hostsOptions } from "../options/hosts-options";
import { instanceOptions, option, optionGroup } from "../options/options";

const statusOptions = optionGroup(
  option("--all", "show every instance of this user", { conflicts: ["instance", "settings", "prometheus"] }),
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
  uses: ["engine", "network"],
  exits: {
    [ExitCode.NotDeployed]: "the instance is not deployed",
    [ExitCode.Interrupted]: "interrupted",
  },
  elsewhere: (call) => runOnHosts(call, []),
  run: async ({ options }) => {
    const { show, showAll, showModels, writeMetrics } = await import("../runs/status");
    if (options.models) return showModels(options);
    if (options.prometheus !== undefined) return writeMetrics(options, options.prometheus);
    return options.all ? showAll() : show(options);
  },
});
