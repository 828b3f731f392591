import { sandboxInstance } from "../../config/sandbox";
import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { sudoCaller } from "../../core/system/sudo";
import type { Deployment } from "../../model/deployment";
import { offersRecord } from "../../store/records/offers";
import { requireNotRoots, selectInstance } from "../../store/select";
import { defineCommand, type LockedInstance, type Outcome, underLock } from "../define-command";
import { adminTokenFrom, adminTokenOptions, listenerFrom } from "../input/admin-token";
import {
  askForKey,
  isKeyGivenOrAsked,
  keyOptions,
  readGivenKey,
  refuseSharedStdin,
  replaceKeyOption,
} from "../input/key-input";
import { askLine, confirm, confirmEngine, confirmLoss, isInteractive, offer } from "../input/prompts";
import { sharesOptions } from "../input/shares-input";
import {
  hostOptions,
  type InstanceOptions,
  installOption,
  instanceOptions,
  optionGroup,
  type ParsedBy,
} from "../options/options";
import { say, speakOf } from "../output";
import { ensureScheduled } from "./schedule-add";

/** The options of every command that deploys. */
export const upOptions = optionGroup(
  instanceOptions,
  hostOptions,
  installOption,
  keyOptions,
  replaceKeyOption,
  sharesOptions,
  adminTokenOptions,
);
type UpOptions = ParsedBy<typeof upOptions>;

/** `up` (`npm start`). */
export const register = define("up", "install what is missing on the host, deploy, and check (npm start)");

/** `deploy`, which does the same with the CDKTF CLI. */
export const registerDeploy = define(
  "deploy",
  "deploy and check as `up` does, with the CDKTF CLI: cdktf deploy '*'",
);

function define(name: "up" | "deploy", summary: string) {
  return defineCommand({
    name,
    summary,
    options: [upOptions],
    run: ({ options }) => upOrDeploy(name, options),
  });
}

async function upOrDeploy(name: "up" | "deploy", options: UpOptions): Promise<ExitCode> {
  const { loadDeployment } = await import("../../session/load-deployment");
  const { whereToMakeAKey } = await import("../../operations/deploy/key-without-limit");
  refuseSharedStdin(options);
  requireNotRoots({ named: options.instance });
  const keyGiven = isKeyGivenOrAsked(options);
  // With a key that is still to be typed, as with a given one.
  const likely = selectInstance({ named: options.instance, keyGiven, begins: true });
  speakOf(likely);
  const begun = loadDeployment(likely, options.settings);
  const usesExternal = await useExternal(begun);
  const hint = usesExternal ? undefined : whereToMakeAKey(begun.settings);
  const given = await readGivenKey(options, hint);
  const instance = usesExternal
    ? likely
    : selectInstance({ named: options.instance, keyGiven: given !== undefined, begins: true });
  requireMeantSandbox(instance, options);
  speakOf(instance);
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
  options: UpOptions,
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
    askKey: async () => (isInteractive() ? askForKey(keyPrompt) : undefined),
    ...(isInteractive() ? { askLine } : {}),
    acceptAccess: confirmLoss,
    replaceWorkingKey: async (question) => options.replaceKey === true || confirmLoss(question),
    apply: name === "deploy" ? cdktfDeploy : applyStacks,
    migrateState: name === "state move",
  });
  return { json: report, text: summary, code: outcome };
}

/**
 * sudo drops OPENROUTER_API_KEY, and every other variable: without a terminal, the sandbox must then be named.
 * @throws UserError (wrong usage) if it is not
 */
function requireMeantSandbox(instance: string, options: InstanceOptions): void {
  const caller = sudoCaller();
  const isNamed = options.instance !== undefined || process.env.OPENCLAW_OPENROUTER_INSTANCE !== undefined;
  if (instance !== sandboxInstance || isNamed || caller === undefined || isInteractive()) return;
  throw wrongUsage({
    problem: "No key arrived, and sudo drops the variables of its caller. Nothing was changed.",
    got: `run by ${caller} with sudo, without OPENROUTER_API_KEY, --key-file and --instance`,
    expected: "a key, or the instance by name",
    fix: "Give the key by --key-file FILE, or have sudo keep it: sudo --preserve-env=OPENROUTER_API_KEY …\nTo try it without a key: openclaw-openrouter up --instance sandbox",
  });
}

const keyPrompt = "Vault holds no OpenRouter key. Your key (not shown; Enter: none):";

/** Whether the instance uses an external Vault: by its settings, or by the answer of a person now. */
async function useExternal(deployment: Deployment): Promise<boolean> {
  const { offerExistingVault } = await import("../../operations/deploy/existing-vault");
  if (deployment.external) return true;
  return offerExistingVault(asking(deployment));
}

/** After the first good run at a terminal: offers once to have the host do what keeps the instance alive. */
async function offerSchedules(deployment: Deployment): Promise<void> {
  const { home, instance } = deployment;
  if (!isInteractive() || instance === sandboxInstance) return;
  const { inspectSchedules } = await import("../../session/schedule/inspect-schedules");
  if (
    offersRecord.read(home)?.schedules ||
    inspectSchedules({ home: home.root, instance }).scheduled.length > 0
  )
    return;
  offersRecord.write(home, { ...offersRecord.read(home), schedules: new Date().toISOString() });
  const question =
    "Have this host check every 15 minutes, look for drift daily, back up weekly, and unseal Vault after a reboot?";
  if (!(await offer(question))) return say("Later: openclaw-openrouter schedule add");
  await ensureScheduled(deployment, ["check", "drift", "backup", "unseal"]);
  say("To be told of what they find: openclaw-openrouter alerts add");
}

/** The instance as its settings describe it, after the choice of the user and the container that run OpenClaw. */
async function describe(instance: string, { settings }: InstanceOptions): Promise<Deployment> {
  const { loadForDeploy } = await import("../../session/load-deployment");
  const { chooseOpenClawUser } = await import("../../operations/deploy/openclaw-user");
  const { keepGuideNames } = await import("../../operations/deploy/guide-values");
  const { chooseGatewayContainer } = await import("../../operations/deploy/gateway-container");
  const deployment = loadForDeploy(instance, settings);
  const isChanged = await chooseOpenClawUser(asking(deployment));
  const chosen = isChanged ? loadForDeploy(instance, settings) : deployment;
  const isFound = await chooseGatewayContainer(chosen, say);
  const placed = isFound ? loadForDeploy(instance, settings) : chosen;
  return keepGuideNames(asking(placed)) ? loadForDeploy(instance, settings) : placed;
}

function asking(deployment: Deployment) {
  return { deployment, confirm: isInteractive() ? confirm : undefined, say };
}
