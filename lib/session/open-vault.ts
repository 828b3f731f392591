import { UserError } from "../core/errors";
import type { Progress } from "../core/progress";
import { EngineError } from "../docker/engine-api";
import type { EngineContainer } from "../docker/schemas";
import { startVaultContainer } from "../docker/vault-network";
import { bootstrapParametersOf } from "../model/run-parameters";
import { renewPlacedCredential } from "../openclaw/renew-credential";
import { rekeyRecord } from "../store/records/rekey-record";
import { type BootstrapOptions, bootstrap } from "../vault/bootstrap";
import { placeAsItServes, publishedPort } from "../vault/container/served-place";
import { VaultContainer } from "../vault/container/vault-container";
import { recordOwnListener } from "../vault/known-listener";
import { showCaToHosts } from "./ca-for-hosts";
import { certificateOwner, type EngineContext, engineOf } from "./context";
import { requireFreePort } from "./detect-vault";
import { useExternalVault } from "./external-vault";
import { describeOpened, type OpenedVault } from "./opened-vault";
import { renewCertificate } from "./renew-certificate";
import { requireOurs } from "./requirements";
import { endUnsealing } from "./schedule/end-unsealing";

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
  context: EngineContext,
  progress: Progress,
  options: OpenVaultOptions = {},
): Promise<OpenedVault | undefined> {
  const { deployment, askForShares } = context;
  if (deployment.external) return useExternalVault(context, options.requireUnchanged);
  await requireOurs(context);
  const { api } = engineOf(context);
  const container = await api.inspectContainer(deployment.container);
  // It was created but never started: the run was interrupted. The deploy re-creates it.
  if (!container || container.State.Status === "created") return undefined;
  const started = container.State.Status !== "running";
  if (started) {
    progress(`starting the container ${deployment.container}, which is ${container.State.Status}`);
    await start(context, container);
  }
  // A stopped container could not get a renewed certificate before.
  await renewCertificate(certificateOwner(context));
  const vaultHost = new VaultContainer(api, deployment.container, deployment.dataVolume);
  const place = placeAsItServes(deployment, container);
  await recordOwnListener(place);
  const parameters = bootstrapParametersOf(deployment, place);
  const asking = askForShares ? { askForShares } : {};
  const rekeying = rekeyRecord.read(deployment.home);
  const opened = await bootstrap(parameters, vaultHost, {
    progress,
    renewCopies: renewPlacedCredential,
    ...asking,
    ...options,
  });
  await showCaToHosts(deployment, place);
  const warnings = [opened.warning, await endUnsealing(deployment, rekeying)];
  const warning = warnings.filter((each) => each !== undefined).join("\n");
  return { started, place, ...opened, ...(warning === "" ? {} : { warning }) };
}

/** Does {@link openVault} as a phase of the run. */
export function openAsPhase(
  context: EngineContext,
  options?: OpenVaultOptions,
): Promise<OpenedVault | undefined> {
  return context.phase("Vault", (progress) => openVault(context, progress, options), describeOpened);
}

/** @throws UserError if the engine cannot start it, for example because another program uses its port */
async function start(context: EngineContext, stopped: EngineContainer): Promise<void> {
  const { container } = context.deployment;
  try {
    await startVaultContainer(engineOf(context).api, stopped, context.instanceId);
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
