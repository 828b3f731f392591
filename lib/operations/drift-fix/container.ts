import { containerHost, type DeployContext } from "../../session/context";

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
