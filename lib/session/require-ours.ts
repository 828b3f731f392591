import { isOurVolume, ourContainer } from "../docker/ours";
import { containerHost, type DeployContext } from "./context";

/** @throws UserError if a container or volume with the instance's names lacks the instance's label */
export async function requireOurs(context: DeployContext): Promise<void> {
  const { container, dataVolume, homeVolume } = context.deployment;
  const { api } = containerHost(context).engine;
  await ourContainer(api, container, context.instanceId);
  for (const volume of [dataVolume, homeVolume]) await isOurVolume(api, volume, context.instanceId);
}
