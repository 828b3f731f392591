import { sandboxInstance } from "../../config/sandbox";
import { ExitCode } from "../../core/exit-codes";
import type { Deployment } from "../../model/deployment";
import { defineCommand, type LockedInstance, type Outcome, underLock } from "../define-command";
import {
  type AdminTokenOptions,
  adminTokenFrom,
  adminTokenOptions,
  listenerFrom,
} from "../input/admin-token";
import { type KeyOptions, keyOptions, readGivenKey, refuseSharedStdin } from "../input/key-input";
import { confirm, confirmEngine, confirmLoss, isInteractive, offer } from "../input/prompts";
import { type SharesOptions, sharesOptions } from "../input/shares-input";
import {
  type HostOptions,
  hostOptions,
  type InstallOptions,
  type InstanceOptions,
  installOption,
  instanceOptions,
  type OptionGroup,
} from "../options/options";
import { say } from "../output";

interface ReplaceOptions {
  readonly replaceKey?: boolean;
}

const replaceKeyOption: OptionGroup<ReplaceOptions> = (command) =>
  command.option("--replace-key", "replace a working key that was stored by hand");

type UpOptions = InstanceOptions & HostOptions & InstallOptions & KeyOptions & SharesOptions;

/** The options of every command that deploys. */
export const upOptions = [
  instanceOptions,
  hostOptions,
  installOption,
  keyOptions,
  replaceKeyOption,
  sharesOptions,
  adminTokenOptions,
] as const;

/** `up` (`npm start`). */
export const register = define("up", "install what is missing on the host, deploy, and check (npm start)");

/** `deploy`, which does the same with the CDKTF CLI. */
export const registerDeploy = define("deploy", "the same with the CDKTF CLI: cdktf deploy '*'");

function define(name: "up" | "deploy", summary: string) {
  return defineCommand({
    name,
    summary,
    options: upOptions,
    run: ({ options }) => upOrDeploy(name, options),
  });
}

async function upOrDeploy(
  name: "up" | "deploy",
  options: UpOptions & ReplaceOptions & AdminTokenOptions,
): Promise<ExitCode> {
  const { requireNotRoots, selectInstance } = await import("../../store/select");
  refuseSharedStdin(options);
  requireNotRoots({ named: options.instance });
  const given = await readGivenKey(options);
  const instance = selectInstance({ named: options.instance, keyGiven: given !== undefined, begins: true });
  const deployment = await describe(instance, options);
  const code = await underLock(name, deployment, options, {}, (locked) =>
    runDeploy(name, locked, given, options),
  );
  if (code === ExitCode.Ok) await offerSchedules(deployment);
  return code;
}

/**
 * Deploys and checks.
 * @param name the command: `deploy` applies with the CDKTF CLI; `state move` moves the states first
 */
export async function runDeploy(
  name: "up" | "deploy" | "state move",
  { preparing }: LockedInstance,
  given: string | undefined,
  options: InstanceOptions & InstallOptions & ReplaceOptions & AdminTokenOptions,
): Promise<Outcome> {
  const { runUp } = await import("../../operations/deploy/up");
  const { applyStacks } = await import("../../session/apply-stacks");
  const { cdktfDeploy } = await import("../../operations/deploy/cdktf-deploy");
  const { outcome, report, summary } = await runUp({
    ...preparing,
    given,
    confirm: confirmEngine(options.install),
    askAdminToken: adminTokenFrom(options),
    acceptListener: listenerFrom(options),
    acceptAccess: confirmLoss,
    replaceWorkingKey: async (question) => options.replaceKey === true || confirmLoss(question),
    apply:
      name === "deploy"
        ? (context, apply, progress) => cdktfDeploy(context, apply, options.settings, progress)
        : applyStacks,
    say,
    migrateState: name === "state move",
  });
  return { json: report, text: summary, code: outcome };
}

/** After the first good run at a terminal: offers once to have the host do what keeps the instance alive. */
async function offerSchedules(deployment: Deployment): Promise<void> {
  const { home, instance } = deployment;
  if (!isInteractive() || instance === sandboxInstance) return;
  const { offersRecord } = await import("../../store/offers");
  const { inspectSchedules } = await import("../../session/schedule/schedule");
  if (offersRecord.read(home)?.schedules || inspectSchedules({ home: home.root }).scheduled.length > 0)
    return;
  offersRecord.write(home, { schedules: new Date().toISOString() });
  const question =
    "Have this host check every 15 minutes, look for drift daily, back up weekly, and unseal Vault after a reboot?";
  if (!(await offer(question))) return say("Later: openclaw-openrouter schedule add");
  const { ensureScheduled } = await import("./schedule-add");
  await ensureScheduled(deployment, ["check", "drift", "backup", "unseal"]);
  say("To be told of what they find: openclaw-openrouter alerts add");
}

/** The instance as its settings describe it, after the choice of the user and the container that run OpenClaw. */
async function describe(instance: string, { settings }: InstanceOptions): Promise<Deployment> {
  const { loadDeployment, settingsFileOf } = await import("../../session/load-deployment");
  const { chooseOpenClawUser } = await import("../../operations/deploy/openclaw-user");
  const { chooseGatewayContainer } = await import("../../operations/deploy/gateway-container");
  const deployment = loadDeployment(instance, settings);
  const isChanged = await chooseOpenClawUser({
    deployment,
    file: settingsFileOf(instance, settings),
    confirm: isInteractive() ? confirm : undefined,
    say,
  });
  const chosen = isChanged ? loadDeployment(instance, settings) : deployment;
  return (await chooseGatewayContainer(chosen, say)) ? loadDeployment(instance, settings) : chosen;
}
