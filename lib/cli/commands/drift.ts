import { ExitCode } from "../../core/exit-codes";
import { givenOptions } from "../command";
import { defineCommand } from "../define-command";
import { hostParts } from "../environment";
import { runOnHosts } from "../on-hosts";
import { driftOptions } from "../options/drift-options";

/** `drift`: compares the host with what was deployed. */
export const register = defineCommand({
  name: "drift",
  summary: "report whether the host is still what was deployed; changes nothing without --fix",
  options: [driftOptions],
  uses: hostParts,
  reads: ["OPENROUTER_API_KEY"],
  exits: {
    [ExitCode.Ok]: "no drift",
    [ExitCode.Drift]: "the host is not what was deployed",
    [ExitCode.NotApplied]: "settings changed but not deployed",
    [ExitCode.NotDeployed]: "the instance is not deployed",
  },
  elsewhere: (call) => runOnHosts(call, ["network", "gateway", "allOfVault"]),
  run: async ({ options, command }) => {
    if (options.fromReport !== undefined) {
      const { driftFromReport } = await import("../runs/drift-from-report");
      return driftFromReport({ ...options, fromReport: options.fromReport }, givenOptions(command));
    }
    const { driftAll, driftOne } = await import("../runs/drift");
    return options.all ? driftAll(options) : driftOne(options);
  },
});
