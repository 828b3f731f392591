import { ifError, UserError } from "../core/errors";
import { instanceLabel } from "../model/instance-label";
import { type EngineApi, EngineError, ifStatus, shaped } from "./engine-api";
import { isOurs, requireOurs } from "./ours";
import { created, type EngineContainer } from "./schemas";

/** Isolates the containers on the network from each other: Vault is to have no neighbours. */
export const networkOptions = { "com.docker.network.bridge.enable_icc": "false" } as const;

/**
 * Options that do not decide who reaches Vault, whose port names its own address. An engine adds its `default-network-opts` to each
 * new network, such as the MTU that a cloud demands; Docker Desktop has the address families there.
 */
const harmlessOptions = new Set([
  "com.docker.network.enable_ipv4",
  "com.docker.network.enable_ipv6",
  "com.docker.network.driver.mtu",
  "com.docker.network.bridge.name",
  "com.docker.network.bridge.host_binding_ipv4",
  "com.docker.network.container_iface_prefix",
]);

/** Whether an engine gives its new networks IPv6 by its own default, which it notes in their options. */
export function hasIpv6ByDefault(options: Readonly<Record<string, string>>): boolean {
  return options["com.docker.network.enable_ipv6"] === "true";
}

/** The options of a network that decide who reaches Vault. */
export function decidingOptions(options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !harmlessOptions.has(name)));
}

/**
 * Makes sure that the network of Vault's container exists: a bridge of its own that publishes ports, and on which containers
 * cannot reach each other.
 * @returns its id
 * @throws UserError if a network of that name is not the instance's
 */
export async function ensureNetwork(engine: EngineApi, name: string, instanceId: string): Promise<string> {
  const existing = await engine.inspectNetwork(name);
  if (!existing) return createNetwork(engine, name, instanceId);
  requireOurs(
    `network ${name}`,
    existing.Labels,
    instanceId,
    () => `If nothing needs it: docker network rm ${name}`,
  );
  return existing.Id;
}

async function createNetwork(engine: EngineApi, name: string, instanceId: string): Promise<string> {
  const body = {
    Name: name,
    Driver: "bridge",
    CheckDuplicate: true,
    Labels: { [instanceLabel]: instanceId },
    Options: networkOptions,
  };
  try {
    return shaped(created, await engine.call("POST", "/networks/create", { body })).Id;
  } catch (error) {
    throw error instanceof EngineError && /address pool/i.test(error.message)
      ? noAddresses(name, error)
      : error;
  }
}

/** Each network takes a subnet of the engine's pools, which some thirty networks use up, and which a VPN can cover with its routes. */
function noAddresses(name: string, error: EngineError): UserError {
  return new UserError(
    {
      problem: `The Docker Engine has no addresses left for the network ${name}.`,
      got: error.message,
      expected: "a free subnet in the engine's address pools",
      fix: "Remove networks that no container uses: docker network prune\nor stop a VPN whose routes cover all private addresses, or add `default-address-pools` to /etc/docker/daemon.json and restart the engine. Then run this again.",
    },
    { cause: error },
  );
}

/** Removes the instance's network. A network that is not its own, or that is still in use, stays. */
export async function removeNetwork(
  engine: EngineApi,
  name: string,
  instanceId: string | undefined,
): Promise<void> {
  const existing = await engine.inspectNetwork(name);
  if (!existing || !isOurs(existing, instanceId)) return;
  await engine.call("DELETE", `/networks/${existing.Id}`).catch(ifStatus([403, 404, 409], () => {}));
}

/** The engine's predefined networks, which cannot be created or removed. */
const engineNetworks = new Set(["", "default", "bridge", "host", "none"]);

/**
 * Starts a stopped container of the instance, even if its network was pruned meanwhile: the network is re-created and the
 * container reconnected, since the engine refers to the old network's id. A paused one continues.
 */
export async function startVaultContainer(
  engine: EngineApi,
  container: EngineContainer,
  instanceId: string,
): Promise<void> {
  if (container.State.Status === "paused") return engine.unpauseContainer(container.Id);
  const { NetworkMode } = container.HostConfig;
  if (!engineNetworks.has(NetworkMode) && !NetworkMode.startsWith("container:")) {
    const id = await ensureNetwork(engine, NetworkMode, instanceId);
    if (container.NetworkSettings.Networks[NetworkMode]?.NetworkID !== id)
      await reconnect(engine, container.Id, NetworkMode);
  }
  await engine.startContainer(container.Id);
}

async function reconnect(engine: EngineApi, container: string, name: string): Promise<void> {
  const path = `/networks/${encodeURIComponent(name)}`;
  // It may already be disconnected, as after an interruption here.
  await engine
    .call("POST", `${path}/disconnect`, { body: { Container: container, Force: true } })
    .catch(ifError(EngineError, () => {}));
  await engine.call("POST", `${path}/connect`, { body: { Container: container } });
}
