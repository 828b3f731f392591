import { removeContainer } from "../../docker/engine-api";
import { instanceLabel } from "../../model/instance-label";
import { containerHost, type DeployContext } from "../../session/context";
import { appliedContainer } from "./applied";

/** Has the engine change something. */
export async function post(context: DeployContext, path: string, body?: object): Promise<void> {
  await containerHost(context).engine.api.call("POST", path, body ? { body } : {});
}

/** Connects the container to a network, or disconnects it. */
export async function changeNetwork(
  context: DeployContext,
  network: string,
  change: "connect" | "disconnect",
): Promise<void> {
  const now = await containerHost(context).engine.api.inspectContainer(context.deployment.container);
  const force = change === "disconnect" ? { Force: true } : {};
  await post(context, `/networks/${encodeURIComponent(network)}/${change}`, { Container: now?.Id, ...force });
}

/** Removes a container with this instance's label that replaced the applied one; Terraform then creates its own. */
export async function removeReplaced(context: DeployContext): Promise<void> {
  const { deployment, instanceId } = context;
  const { api } = containerHost(context).engine;
  const applied = await appliedContainer(context);
  const present = await api.inspectContainer(deployment.container);
  if (!present || present.Id === applied?.id || present.Config.Labels[instanceLabel] !== instanceId) return;
  await api.stopContainer(present.Id);
  await removeContainer(api, present.Id);
}
