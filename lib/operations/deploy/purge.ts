import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { bundleImage, bundleImageLabel } from "../../bundle/image";
import { describeBackend } from "../../config/backend";
import { UserError } from "../../core/errors";
import type { Engine } from "../../docker/engine";
import { ifStatus, removeContainer } from "../../docker/engine-api";
import { endEphemerals } from "../../docker/ephemeral";
import { isOurs } from "../../docker/ours";
import { removeNetwork } from "../../docker/vault-network";
import { keptVolume, usersOf } from "../../docker/volumes";
import type { Deployment } from "../../model/deployment";
import type { Uninstallation } from "../../openclaw/uninstall";
import type { RunPhase } from "../../session/context";
import { type AskAdminToken, leaveExternalVault } from "../../session/external-vault";
import { isSameEngine } from "../../session/same-engine";
import { homesRoot, instances, readInstance } from "../../store/home";
import { removePublishedCa } from "../../store/public-ca";
import { hostRecord } from "../../store/records/host-record";
import { readHosts } from "../../store/records/hosts-record";
import { keptBackend } from "../../terraform/kept-backend";
import { removeFromHost, requireNoCopy } from "./destroy";

/** The backend in which Terraform's states stay after a purge; undefined if they are in the instance directory. */
export function statesLeft({ home, settings }: Deployment): string | undefined {
  const backend = keptBackend(home) ?? settings.terraform.backend;
  return backend.type === "local" ? undefined : describeBackend(backend);
}

/** The keys of the hosts that a purge cuts off, which they may have kept: nothing names them afterwards. */
export function hostKeysLeft({ home }: Deployment): { readonly host: string; readonly label: string }[] {
  return readHosts(home).hosts.flatMap(({ name, key }) => (key ? [{ host: name, label: key.label }] : []));
}

/** What a purge removes, for the question before it. */
export function purgeList(deployment: Deployment): string[] {
  const { container, dataVolume, homeVolume, socketVolume, network, home, external, address } = deployment;
  const state = statesLeft(deployment) ? "" : ", Terraform's state";
  const hosts = readHosts(home).hosts.map(({ name }) => name);
  if (external) {
    return [
      `this instance's policies and roles in the Vault at ${address}; the key and everything else in it stay`,
      `${home.root}: credentials${state}`,
    ];
  }
  return [
    `the container ${container} and its network ${network}`,
    `the volumes ${dataVolume}, ${homeVolume} and ${socketVolume}, with every secret in that Vault, and copies of them`,
    ...(hosts.length > 0
      ? [
          `the access of the hosts ${hosts.join(", ")} to it; their keys stay valid, unless \`host evict\` disables them first`,
        ]
      : []),
    `${home.root}: unseal key shares, credentials${state}`,
  ];
}

/**
 * Removes everything of an instance permanently: the container, the volumes, OpenClaw's files, and last the instance directory
 * with the shares. The shares stay until the volumes are removed.
 * @returns what became of OpenClaw's files
 * @throws UserError if the instance was deployed on another engine, a volume cannot be removed, or there is a copy of its directory
 */
export async function purge(
  deployment: Deployment,
  engine: Engine,
  phase: RunPhase,
): Promise<Uninstallation> {
  const { home } = deployment;
  requireNoCopy(deployment);
  const id = readInstance(home.root)?.id;
  const recorded = hostRecord.read(home)?.engineId;
  if (!(await isSameEngine(engine, recorded, { volume: deployment.dataVolume, instanceId: id }))) {
    throw new UserError({
      problem:
        "The instance is deployed on another Docker Engine, where its Vault would stay without its shares.",
      got: `engine ${engine.id} at ${engine.socket}`,
      expected: `engine ${recorded}`,
      fix: "Set DOCKER_HOST to that engine's socket.",
    });
  }
  await requireUnshared(deployment, engine);
  await phase("Container", async () => {
    const container = await engine.api.inspectContainer(deployment.container);
    if (!container || !isOurs(container, id)) return;
    await engine.api.stopContainer(container.Id);
    await removeContainer(engine.api, container.Id);
  });
  await phase("Network", () => removeNetwork(engine.api, deployment.network, id));
  await phase("Volumes", async () => {
    for (const name of volumesOf(deployment)) {
      const volume = await engine.api.inspectVolume(name);
      if (!volume || !isOurs(volume, id)) continue;
      await engine.api.call("DELETE", `/volumes/${encodeURIComponent(name)}`);
      if (await engine.api.inspectVolume(name))
        throw new UserError({
          problem: `The volume ${name} still exists, so the shares were not removed.`,
          fix: `Find what uses it: docker ps -a --filter volume=${name}`,
        });
    }
  });
  const files = await removeHome(deployment, phase);
  if (instances().length === 0) await phase("Image", () => removeBundleImage(engine));
  return files;
}

/**
 * The purge for an external Vault: the instance's roles and policies, OpenClaw's files, and the instance directory. The key
 * stays.
 * @throws UserError if hosts use that Vault, or there is a copy of the instance directory
 */
export async function purgeFromExternal(
  deployment: Deployment,
  phase: RunPhase,
  askAdminToken: AskAdminToken,
): Promise<Uninstallation> {
  requireNoCopy(deployment);
  await leaveExternalVault(deployment, phase, askAdminToken);
  return removeHome(deployment, phase);
}

async function removeHome(deployment: Deployment, phase: RunPhase): Promise<Uninstallation> {
  const files = await phase("OpenClaw's files and timers", () => removeFromHost(deployment));
  await phase("Instance directory", async () => {
    removePublishedCa(deployment.instance);
    rmSync(deployment.home.root, { recursive: true });
    if (readdirSync(homesRoot()).length === 0) rmdirSync(homesRoot());
  });
  return files;
}

/** The volumes, with the copies that a restore, rebuild or upgrade keeps until its check passes: they hold every secret too. */
function volumesOf({ dataVolume, homeVolume, socketVolume }: Deployment): string[] {
  return [dataVolume, homeVolume, socketVolume, keptVolume(dataVolume), keptVolume(homeVolume)];
}

/** @throws UserError if another container, such as the gateway's, mounts a volume: the engine would not remove it */
async function requireUnshared(deployment: Deployment, { api }: Engine): Promise<void> {
  const { container, gateway } = deployment;
  for (const volume of volumesOf(deployment)) {
    await endEphemerals(api, { volume });
    const other = (await usersOf(api, volume, undefined)).find(({ name }) => name !== container);
    if (!other) continue;
    const isGateway = other.name === gateway?.container;
    throw new UserError({
      problem: `The container ${other.name}${isGateway ? ", OpenClaw's gateway," : ""} mounts the volume ${volume}, so it cannot be removed. Nothing was changed.`,
      fix: isGateway
        ? `Remove the mount from its compose file or command, and the container: docker rm -f ${other.name}\nthen run this again.`
        : `Find out what it is for, then: docker rm -f ${other.name}`,
    });
  }
}

/** Removes the image built from the bundle with the last instance. An image of a registry, or one in use, stays. */
async function removeBundleImage(engine: Engine): Promise<void> {
  const image = await engine.api.inspectImage(bundleImage);
  if (image?.Config?.Labels?.[bundleImageLabel.name] !== bundleImageLabel.value) return;
  await engine.api.call("DELETE", `/images/${encodeURI(bundleImage)}`).catch(ifStatus([409], () => {}));
}
