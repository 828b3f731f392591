import { isOurs } from "../docker/ours";
import type { Plan } from "../terraform/plan";
import { containerHost, type DeployContext } from "./context";

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
  if (isChanged) await setMemory(context, context.deployment.settings.vault.memoryMegabytes);
  return isChanged;
}

/** Sets the memory limit of the instance's container, without additional swap. */
export async function setMemory(context: DeployContext, megabytes: number): Promise<void> {
  const { api } = containerHost(context).engine;
  const container = await api.inspectContainer(context.deployment.container);
  if (!container || !isOurs(container, context.instanceId)) return;
  const Memory = megabytes * mebibyte;
  await api.call("POST", `/containers/${container.Id}/update`, { body: { Memory, MemorySwap: Memory } });
}
