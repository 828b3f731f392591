import { isOurVolume, ourContainer } from "../docker/ours";
import { containerHost, type DeployContext } from "./context";

/** @throws NotOurs if a container or volume with the instance's names lacks the instance's label */
export async function requireOurs(context: DeployContext): Promise<void> {
  const { container, dataVolume, homeVolume, socketVolume } = context.deployment;
  const { api } = containerHost(context).engine;
  const volumes = [dataVolume, homeVolume, socketVolume];
  await Promise.all([
    ourContainer(api, container, context.instanceId),
    ...volumes.map((volume) => isOurVolume(api, volume, context.instanceId)),
  ]);
}
