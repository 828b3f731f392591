import { sandboxInstance } from "../../config/sandbox";
import { wrongUsage } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { sudoCaller } from "../../core/system/sudo";
import type { Deployment } from "../../model/deployment";
import { cdktfDeploy } from "../../operations/deploy/cdktf-deploy";
import { offerExistingVault } from "../../operations/deploy/existing-vault";
import { chooseGatewayContainer } from "../../operations/deploy/gateway-container";
import { keepGuideNames } from "../../operations/deploy/guide-values";
import { whereToMakeAKey } from "../../operations/deploy/key-without-limit";
import { chooseOpenClawUser } from "../../operations/deploy/openclaw-user";
import { runUp } from "../../operations/deploy/up";
import { applyStacks } from "../../session/apply-stacks";
import { loadDeployment, loadForDeploy } from "../../session/load-deployment";
import { inspectSchedules } from "../../session/schedule/inspect-schedules";
import { offersRecord } from "../../store/records/offers";
import { requireNotRoots, selectInstance } from "../../store/select";
import { ensureScheduled } from "../commands/schedule-add";
import { type LockedInstance, type Outcome, underLock } from "../define-command";
import { adminTokenFrom, listenerFrom } from "../input/admin-token";
import { askForKey, isKeyGivenOrAsked, readGivenKey, refuseSharedStdin } from "../input/key-input";
import { askLine, confirm, confirmEngine, confirmLoss, isInteractive } from "../input/prompts";
import type { InstanceOptions } from "../options/options";
import type { UpOptions } from "../options/up-options";
import { say, speakOf } from "../output";

export async function upOrDeploy(name: "up" | "deploy", options: UpOptions): Promise<ExitCode> {
  refuseSharedStdin(options);
  requireNotRoots({ named: options.instance });
  const keyGiven = isKeyGivenOrAsked(options);
  // With a key that is still to be typed, as with a given one.
  const likely = selectInstance({ named: options.instance, keyGiven, begins: true });
  speakOf(likely);
  const begun = loadDeployment(likely, options.settings);
  const usesExternal = begun.external !== undefined || (await offerExistingVault(asking(begun)));
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

/** After the first good run at a terminal: offers once to have the host do what keeps the instance alive. */
async function offerSchedules(deployment: Deployment): Promise<void> {
  const { home, instance } = deployment;
  if (!isInteractive() || instance === sandboxInstance) return;
  if (
    offersRecord.read(home)?.schedules ||
    inspectSchedules({ home: home.root, instance }).scheduled.length > 0
  )
    return;
  offersRecord.write(home, { ...offersRecord.read(home), schedules: new Date().toISOString() });
  const question =
    "Have this host check every 15 minutes, look for drift daily, back up weekly, and unseal Vault after a reboot?";
  if (!(await confirm(question, true))) return say("Later: openclaw-openrouter schedule add");
  await ensureScheduled(deployment, ["check", "drift", "backup", "unseal"]);
  say("To be told of what they find: openclaw-openrouter alerts add");
}

/** The instance as its settings describe it, after the choice of the user and the container that run OpenClaw. */
async function describe(instance: string, { settings }: InstanceOptions): Promise<Deployment> {
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
