import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { relayInto } from "../docker/container-relay";
import { type EngineApi, removeContainer, shaped } from "../docker/engine-api";
import { ephemeralLabel } from "../docker/ephemeral";
import { homeFolder, vaultUserName } from "../docker/home-files";
import { confined } from "../docker/image-program";
import { created } from "../docker/schemas";
import { instanceLabel } from "../model/instance-label";
import { serverCommand } from "../model/vault/seal";
import { clientEnvironment, containerApiPort, memoryFolders, vaultConfig } from "../model/vault/vault-config";
import { VaultClient } from "../vault/client";
import { waitForVault } from "../vault/wait";

interface EphemeralVaultProps {
  /** The name of the container. A container of that name from an interrupted run is removed first. */
  readonly name: string;
  readonly image: string;
  readonly instanceId: string;
  /** The volume for its data. @default an anonymous volume, which is removed */
  readonly dataVolume?: string;
  /**
   * The volume with the configuration of the service that unseals it. With it, Vault has a network. @default shares unseal it
   */
  readonly sealVolume?: string;
}

export interface EphemeralVault {
  readonly client: VaultClient;
  /** Stops it and starts it again, sealed unless a service unseals it. */
  restart(): Promise<void>;
}

/**
 * Runs an ephemeral Vault during some work, and removes it. It is hardened like the instance's own, and has no network if
 * shares unseal it: Vault would revoke the expired leases of a restored snapshot at the services that issued them.
 */
export async function withEphemeralVault<T>(
  engine: EngineApi,
  props: EphemeralVaultProps,
  work: (vault: EphemeralVault) => Promise<T>,
): Promise<T> {
  await removeLeft(engine, props.name);
  const path = `/containers/create?name=${encodeURIComponent(props.name)}`;
  const { Id } = shaped(created, await engine.call("POST", path, { body: container(props) }));
  try {
    await engine.startContainer(Id);
    const relay = await relayInto(engine, Id, containerApiPort);
    const client = VaultClient.at({ address: `http://127.0.0.1:${relay.port}` });
    try {
      await waitForVault(client);
      return await work({
        client,
        restart: async () => {
          await engine.stopContainer(Id);
          await engine.startContainer(Id);
          await waitForVault(client);
        },
      });
    } finally {
      await relay.close();
    }
  } finally {
    // A clean stop leaves complete data on the volume.
    if (props.dataVolume) await engine.stopContainer(Id);
    await removeContainer(engine, Id);
  }
}

/** The memory limit in bytes: a crafted backup can make Vault use all the memory that it gets. */
const mostMemory = 2 ** 30;

function container({ image, instanceId, dataVolume, sealVolume }: EphemeralVaultProps): object {
  const config = vaultConfig({ ui: false, telemetry: false, tls: false, nodeId: instanceId, socket: false });
  return {
    Image: image,
    Cmd: serverCommand(sealVolume ? {} : undefined),
    User: vaultUserName,
    Env: [
      ...clientEnvironment(false),
      `VAULT_LOCAL_CONFIG=${JSON.stringify(config)}`,
      "SKIP_CHOWN=true",
      "SKIP_SETCAP=true",
    ],
    Labels: { [instanceLabel]: instanceId, [ephemeralLabel]: "true" },
    NetworkDisabled: sealVolume === undefined,
    HostConfig: {
      NetworkMode: sealVolume ? "bridge" : "none",
      ...confined,
      Memory: mostMemory,
      Mounts: [
        { Type: "volume", Target: "/vault/file", ...defined({ Source: dataVolume }) },
        ...(sealVolume ? [{ Type: "volume", Source: sealVolume, Target: homeFolder, ReadOnly: true }] : []),
      ],
      Tmpfs: memoryFolders,
      LogConfig: { Type: "json-file", Config: { "max-size": "1m", "max-file": "1" } },
    },
  };
}

/** Removes the container that an interrupted run left. @throws UserError if the container is unmanaged */
async function removeLeft(engine: EngineApi, name: string): Promise<void> {
  const left = await engine.inspectContainer(name);
  if (!left) return;
  if (left.Config.Labels?.[ephemeralLabel]) return removeContainer(engine, left.Id);
  throw new UserError({
    problem: `There is a container ${name} on this engine already, and it is not this program's. It was not touched.`,
    got: "one without the label of this project",
    expected: "none: an ephemeral Vault needs that name",
    fix: "Rename that container: docker rename",
  });
}
