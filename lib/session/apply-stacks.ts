import { existsSync } from "node:fs";
import type { Progress } from "../core/progress";
import { removeContainer } from "../docker/engine-api";
import { isOurs } from "../docker/ours";
import { ensureNetwork } from "../docker/vault-network";
import { type StackName, stackNames } from "../model/home-paths";
import { attributesOf, parseState } from "../model/terraform-state";
import { areSharesElsewhere } from "../store/records/shares-record";
import { withSharedProviders } from "../terraform/fast/shared-providers";
import type { Plan } from "../terraform/plan";
import { initialize, terraformFor } from "../terraform/terraform-stack";
import { withSharesSocket } from "../vault/shares/shares-socket";
import { ensureInstanceTls } from "../vault/tls/instance-tls";
import { containerHost, type DeployContext } from "./context";
import { readFitPlan } from "./read-fit-plan";

export interface ApplyOptions {
  /** Whether Vault answers and is unsealed already. */
  readonly isVaultOpen: boolean;
  /** For TF_VAR_openrouter_api_key. */
  readonly key: string | undefined;
}

/**
 * Plans and applies both stacks. If Vault is open, it makes both plans at once, and uses the second one if the first has no
 * changes. Else it plans the second stack after the first is applied. @returns whether anything changed
 */
export async function applyStacks(
  context: DeployContext,
  options: ApplyOptions,
  progress: Progress,
): Promise<boolean> {
  await Promise.all(stackNames.map((stack) => initialize(context, stack, progress)));
  return withSharedProviders((sharedProviders) =>
    planAndApply({ ...context, sharedProviders }, options, progress),
  );
}

async function planAndApply(
  context: DeployContext,
  { isVaultOpen, key }: ApplyOptions,
  progress: Progress,
): Promise<boolean> {
  const plan = (stack: StackName) => terraformFor(context, stack, key).plan(progress);
  const early = isVaultOpen ? plan("openrouter") : undefined;
  // Awaited below. Until then, a failure must not count as an unhandled rejection.
  early?.catch(() => {});
  const [vaultChanges] = await Promise.all([plan("vault"), makeTls(context)]);
  if (vaultChanges) {
    await early?.catch(() => {});
    await applyPlan(context, "vault", key, progress);
  }
  const openrouterChanges = vaultChanges || !early ? await plan("openrouter") : await early;
  if (openrouterChanges) await applyPlan(context, "openrouter", key, progress);
  for (const stack of stackNames) terraformFor(context, stack).forgetPlan();
  return vaultChanges || openrouterChanges;
}

/** Creates the TLS files during the plan. Else Terraform waits for them in the step before Vault's container. */
async function makeTls({ deployment, instanceId }: DeployContext): Promise<void> {
  const { tls, external, home, container } = deployment;
  if (external || !tls?.made || existsSync(tls.caFile)) return;
  await ensureInstanceTls({ folder: home.tls, instanceId, container });
}

/**
 * Plans and applies one stack, and leaves the other unchanged.
 * @returns whether anything was changed
 */
export async function applyStack(
  context: DeployContext,
  stack: StackName,
  key: string | undefined,
  progress: Progress,
): Promise<boolean> {
  await initialize(context, stack, progress);
  const changes = await terraformFor(context, stack, key).plan(progress);
  if (changes) await applyPlan(context, stack, key, progress);
  terraformFor(context, stack).forgetPlan();
  return changes;
}

async function applyPlan(
  context: DeployContext,
  stack: StackName,
  key: string | undefined,
  progress: Progress,
): Promise<void> {
  const terraform = terraformFor(context, stack, key);
  const plan = await readFitPlan(context, terraform);
  if (await isMadeFit(context, stack, plan)) {
    await terraform.plan(progress);
    await readFitPlan(context, terraform);
  }
  await terraform.apply(progress);
}

/** Prepares the engine for the plan of the first stack. @returns whether the stack must be planned again */
async function isMadeFit(context: DeployContext, stack: StackName, plan: Plan): Promise<boolean> {
  if (stack === "openrouter" || context.deployment.external) return false;
  await makeNetwork(context);
  await removeUnrecorded(context);
  return fitMemory(context, plan);
}

/** Creates the network, if it is missing: Terraform's step runs for new volumes only, not for a removed network. */
export async function makeNetwork(context: DeployContext): Promise<void> {
  const { api } = containerHost(context).engine;
  await ensureNetwork(api, context.deployment.network, context.instanceId);
}

/** Removes the container that {@link unrecordedContainer} finds. Its volumes stay. */
export async function removeUnrecorded(context: DeployContext): Promise<void> {
  const id = await unrecordedContainer(context);
  if (id === undefined) return;
  const { api } = containerHost(context).engine;
  await api.stopContainer(id);
  await removeContainer(api, id);
}

/**
 * The id of the instance's container, if the state has another one or none: a run was interrupted before it recorded the
 * container, a person replaced the container, or the state was lost.
 */
export async function unrecordedContainer(context: DeployContext): Promise<string | undefined> {
  const { api } = containerHost(context).engine;
  const container = await api.inspectContainer(context.deployment.container);
  if (!container || !isOurs(container, context.instanceId)) return undefined;
  const state = parseState(await terraformFor(context, "vault").readState());
  const [recorded] = attributesOf(state, "docker_container").values();
  return recorded?.id === container.Id ? undefined : container.Id;
}

const mebibyte = 2 ** 20;

/**
 * Sets the declared memory of a container that the first stack's plan updates, before the plan is applied. Terraform leaves the
 * swap limit unchanged, since not every kernel accounts for it, and the engine accepts no memory limit above it.
 * @returns whether it did: then the stack must be planned again
 */
export async function fitMemory(context: DeployContext, plan: Plan): Promise<boolean> {
  const isChanged = plan.resource_changes.some(
    ({ type, change }) => type === "docker_container" && change.actions.join() === "update",
  );
  if (!isChanged || !containerHost(context).engine.limitsMemory) return false;
  await setMemory(context, context.deployment.settings.vault.memoryMegabytes);
  return true;
}

/** Sets the memory limit of the instance's container, without additional swap. */
export async function setMemory(context: DeployContext, megabytes: number): Promise<void> {
  const { api, limitsMemory } = containerHost(context).engine;
  const container = await api.inspectContainer(context.deployment.container);
  if (!limitsMemory || !container || !isOurs(container, context.instanceId)) return;
  const Memory = megabytes * mebibyte;
  await api.call("POST", `/containers/${container.Id}/update`, { body: { Memory, MemorySwap: Memory } });
}

/**
 * Provides a socket on which the steps that Terraform runs ask this run for the shares, if people enter them: when Terraform
 * replaces the container, its Vault is sealed, and a step unseals it.
 */
export async function withShares<T>(
  context: DeployContext,
  work: (having: DeployContext) => Promise<T>,
): Promise<T> {
  const { deployment, askForShares } = context;
  if (!askForShares || !areSharesElsewhere(deployment.home)) return work(context);
  return withSharesSocket(askForShares, (sharesSocket) => work({ ...context, sharesSocket }));
}
