import { UserError } from "../core/errors";
import type { Progress } from "../core/progress";
import { type EngineContainer, EngineError } from "../docker/engine-api";
import { startVaultContainer } from "../docker/vault-network";
import { instanceLabel } from "../model/instance-label";
import { bootstrapParametersOf } from "../model/run-parameters";
import { renewPlacedCredential } from "../openclaw/renew-credential";
import { type BootstrapOptions, bootstrap } from "../vault/bootstrap";
import { recordOwnListener } from "../vault/known-listener";
import { placeAsItServes, publishedPort } from "../vault/served-place";
import { VaultContainer } from "../vault/vault-container";
import { certificateOwner, containerHost, type DeployContext } from "./context";
import { publishedContainers, wayToUse } from "./detect-vault";
import { useExternalVault } from "./external-vault";
import type { OpenedVault } from "./opened-vault";
import { requireFreePort } from "./port";
import { renewCertificate } from "./renew-certificate";

export type OpenVaultOptions = Pick<
  BootstrapOptions,
  "writeTokenHelper" | "renewIdentities" | "requireUnchanged"
>;

/**
 * Starts the instance's container if it is stopped or paused, and opens its Vault: unsealed, with working identities.
 * @returns undefined if there is no container yet: the deploy creates it
 * @throws UserError if a container or volume of that name is unmanaged, or Vault is sealed and its shares are not on this host
 */
export async function openVault(
  context: DeployContext,
  progress: Progress,
  options: OpenVaultOptions = {},
): Promise<OpenedVault | undefined> {
  const { deployment, askForShares } = context;
  if (deployment.external) return useExternalVault(context, options.requireUnchanged);
  await refuseForeign(context);
  const { api } = containerHost(context).engine;
  const container = await api.inspectContainer(deployment.container);
  // It was created but never started: the run was interrupted. The deploy re-creates it.
  if (!container || container.State.Status === "created") return undefined;
  const started = container.State.Status !== "running";
  if (container.State.Status === "paused") {
    progress(`continuing the paused container ${deployment.container}`);
    await api.call("POST", `/containers/${container.Id}/unpause`);
  } else if (started) {
    progress(`starting the stopped container ${deployment.container}`);
    await start(context, container);
  }
  // A stopped container could not get a renewed certificate before.
  await renewCertificate(certificateOwner(context));
  const vaultHost = new VaultContainer(api, deployment.container, deployment.dataVolume);
  const place = placeAsItServes(deployment, container);
  await recordOwnListener(place);
  const parameters = bootstrapParametersOf(deployment, place);
  const asking = askForShares ? { askForShares } : {};
  return {
    started,
    place,
    ...(await bootstrap(parameters, vaultHost, {
      progress,
      renewCopies: renewPlacedCredential,
      ...asking,
      ...options,
    })),
  };
}

/** @throws UserError if the engine cannot start it, for example because another program uses its port */
async function start(context: DeployContext, stopped: EngineContainer): Promise<void> {
  const { container } = context.deployment;
  try {
    await startVaultContainer(containerHost(context).engine.api, stopped, context.instanceId);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    await requireFreePort(context, publishedPort(stopped.HostConfig));
    throw new UserError({
      problem: `The engine could not start the container ${container}.`,
      got: error.message,
      fix: `Fix the reported error, then run this command again. For details: docker start ${container}`,
    });
  }
}

/** @throws UserError if a container or volume with the instance's names lacks the instance's label */
async function refuseForeign(context: DeployContext): Promise<void> {
  const { deployment, instanceId } = context;
  const { api } = containerHost(context).engine;
  const [container, ...volumes] = await Promise.all([
    api.inspectContainer(deployment.container),
    api.inspectVolume(deployment.dataVolume),
    api.inspectVolume(deployment.homeVolume),
    api.inspectVolume(deployment.socketVolume),
  ]);
  const found = [
    ...(container ? [{ what: `container ${deployment.container}`, labels: container.Config.Labels }] : []),
    ...volumes.flatMap((volume) =>
      volume ? [{ what: `volume ${volume.Name}`, labels: volume.Labels }] : [],
    ),
  ];
  const foreign = found.find(({ labels }) => labels?.[instanceLabel] !== instanceId);
  if (!foreign) return;
  const other = foreign.labels?.[instanceLabel];
  throw new UserError({
    problem: `There is a ${foreign.what} on this engine already, and it is not this instance's. It was not touched.`,
    got: other
      ? `one that belongs to the instance with id ${other}`
      : "one without the label of this project",
    expected: `none, or one labelled ${instanceLabel}=${instanceId}`,
    fix: [
      "Name another container in the settings (`vault.container`), or remove that one if it is not needed.",
      ...(container ? await wayToUseContainer(context) : []),
    ].join("\n"),
  });
}

/** How to use the Vault in a container of the instance's name, if its port is published on this host. */
async function wayToUseContainer(context: DeployContext): Promise<string[]> {
  const { container } = context.deployment;
  const published = await publishedContainers(containerHost(context).engine.api);
  const port = published.find(({ name }) => name === container)?.ports[0];
  return port ? wayToUse(port, container) : [];
}
