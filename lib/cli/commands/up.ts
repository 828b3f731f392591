import type { Command } from "commander";
import type { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import {
  type AdminTokenOptions,
  addAdminTokenOptions,
  adminTokenFrom,
  listenerFrom,
} from "../input/admin-token";
import { type KeyOptions, readGivenKey, refuseSharedStdin } from "../input/key-input";
import { confirm, confirmEngine, confirmLoss, isInteractive } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import {
  addHostOptions,
  addInstallOption,
  addInstanceOptions,
  addKeyOptions,
  bundleOf,
  type HostOptions,
  type InstallOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";

export type UpOptions = InstanceOptions &
  HostOptions &
  InstallOptions &
  KeyOptions &
  SharesOptions &
  AdminTokenOptions & { readonly replaceKey?: boolean };

/** `up` (`npm start`), and `deploy`, which does the same with the CDKTF CLI. */
export function register(program: Command): void {
  add(program, "up", "install what is missing on the host, deploy, and check (npm start)");
  add(program, "deploy", "the same with the CDKTF CLI: cdktf deploy '*'");
}

function add(program: Command, name: "up" | "deploy", description: string): void {
  addUpOptions(program.command(name).description(description)).action(async (options: UpOptions) => {
    process.exitCode = await upOrDeploy(name, options);
  });
}

/** Adds the options of every command that deploys. */
export function addUpOptions(command: Command): Command {
  addInstanceOptions(command);
  addInstallOption(addHostOptions(command));
  addKeyOptions(command).option("--replace-key", "replace a working key that was stored by hand");
  return addAdminTokenOptions(addSharesOptions(command));
}

async function upOrDeploy(name: "up" | "deploy", options: UpOptions): Promise<ExitCode> {
  const { requireNotRoots, selectInstance } = await import("../../store/select");
  refuseSharedStdin(options);
  requireNotRoots({ named: options.instance });
  const given = await readGivenKey(options);
  const instance = selectInstance({ named: options.instance, keyGiven: given !== undefined, begins: true });
  const deployment = await describe(instance, options);
  return runDeploy(name, deployment, given, options);
}

/**
 * Deploys and checks.
 * @param name the command: `deploy` applies with the CDKTF CLI; `state move` moves the states first
 */
export async function runDeploy(
  name: "up" | "deploy" | "state move",
  deployment: Deployment,
  given: string | undefined,
  options: UpOptions,
): Promise<ExitCode> {
  return runCommand(name, deployment, async ({ lock, signal }) => {
    const { runUp } = await import("../../operations/deploy/up");
    const { applyStacks } = await import("../../session/apply-stacks");
    const { cdktfDeploy } = await import("../../operations/deploy/cdktf-deploy");
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
        name === "deploy"
          ? (context, apply, progress) => cdktfDeploy(context, apply, options.settings, progress)
          : applyStacks,
      say,
      ...sharesGiven(options),
      ...(name === "state move" ? { migrateState: true } : {}),
      ...bundleOf(options),
    });
    if (options.json) printJson(report);
    say(summary);
    return outcome;
  });
}

/** The instance as its settings describe it, after the choice of the user who runs OpenClaw. */
async function describe(instance: string, { settings }: UpOptions): Promise<Deployment> {
  const { loadDeployment, settingsFileOf } = await import("../../session/load-deployment");
  const { chooseOpenClawUser } = await import("../../operations/deploy/openclaw-user");
  const deployment = loadDeployment(instance, settings);
  const isChanged = await chooseOpenClawUser({
    deployment,
    file: settingsFileOf(instance, settings),
    confirm: isInteractive() ? confirm : undefined,
    say,
  });
  return isChanged ? loadDeployment(instance, settings) : deployment;
}
