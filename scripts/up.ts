import type { Command } from "commander";
import type { ExitCode } from "../lib/model/exit-codes";
import { type AdminTokenOptions, addAdminTokenOptions, adminTokenFrom, listenerFrom } from "./admin-token";
import { type KeyOptions, readGivenKey, refuseSharedStdin } from "./key-input";
import {
  addHostOptions,
  addInstallOption,
  addInstanceOptions,
  addKeyOptions,
  type HostOptions,
  type InstallOptions,
  type InstanceOptions,
} from "./options";
import { printJson, say } from "./output";
import { confirmEngine, confirmLoss } from "./prompts";
import { runVerb } from "./run-verb";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";

type UpOptions = InstanceOptions &
  HostOptions &
  InstallOptions &
  KeyOptions &
  SharesOptions &
  AdminTokenOptions & { readonly replaceKey?: boolean; readonly migrateState?: boolean };

/** `up`, which is `npm start`, and `deploy`, which is the same by the CDKTF CLI. */
export function register(program: Command): void {
  add(program, "up", "obtain what the host lacks, deploy, and check (npm start)");
  add(program, "deploy", "the same by the CDKTF CLI: cdktf deploy '*'");
}

function add(program: Command, verb: "up" | "deploy", description: string): void {
  const command = program.command(verb).description(description);
  addInstanceOptions(command);
  addInstallOption(addHostOptions(command));
  addKeyOptions(command).option("--replace-key", "replace a working key that was stored by hand");
  addSharesOptions(command);
  command.option("--migrate-state", "move Terraform's state to where the settings keep it now");
  addAdminTokenOptions(command).action(async (options: UpOptions) => {
    process.exitCode = await deployVerb(verb, options);
  });
}

async function deployVerb(verb: "up" | "deploy", options: UpOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../lib/instance/select");
  const { loadDeployment } = await import("../lib/instance/declaration");
  refuseSharedStdin(options);
  const given = await readGivenKey(options);
  const instance = selectInstance({ named: options.instance, keyGiven: given !== undefined, begins: true });
  const deployment = loadDeployment(instance, options.settings);

  return runVerb(verb, deployment, async ({ lock, signal }) => {
    const { runUp } = await import("../lib/deploy/up");
    const { applyStacks } = await import("../lib/deploy/apply-stacks");
    const { cdktfDeploy } = await import("../lib/deploy/cdktf-deploy");
    const { outcome, report, summary } = await runUp({
      deployment,
      lock,
      signal,
      given,
      phase: await phasesThatMayAsk(deployment),
      confirm: confirmEngine(options.install),
      askAdminToken: adminTokenFrom(options),
      acceptListener: listenerFrom(options),
      replaceWorkingKey: async (question) => options.replaceKey === true || confirmLoss(question),
      apply:
        verb === "up"
          ? applyStacks
          : (context, apply, progress) => cdktfDeploy(context, apply, options.settings, progress),
      say,
      ...sharesGiven(options),
      ...(options.migrateState ? { migrateState: true } : {}),
      ...(options.kit ? { kit: options.kit } : {}),
    });
    if (options.json) printJson(report);
    say(summary);
    return outcome;
  });
}
