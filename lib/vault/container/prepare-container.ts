import { defined } from "../../core/defined";
import type { Progress } from "../../core/progress";
import type { EngineApi } from "../../docker/engine-api";
import { endEphemerals, withEphemeral } from "../../docker/ephemeral";
import { homeFolder, vaultUserName, writeFiles, writeHomeFiles } from "../../docker/home-files";
import { ensureNetwork } from "../../docker/vault-network";
import { homePaths } from "../../model/home-paths";
import type { PrepareContainerParameters } from "../../model/run-parameters";
import { ensureHome } from "../../store/home";
import { ensureInstanceTls } from "../tls/instance-tls";
import { serveCertificate, tlsHomeFiles } from "../tls/place-tls";

/** The mount point of the Unix listener's volume while its folder is created. */
const socketMount = "/socket";

/**
 * Creates what Vault's container needs before it starts: its network, its certificate, and the folder of its Unix listener,
 * which only Vault and a gateway's user can enter. A running container is made to serve the certificate.
 * @throws UserError if the network is not this instance's, or the certificate files would not work
 */
export async function prepareContainer(
  parameters: PrepareContainerParameters,
  engine: EngineApi,
  progress: Progress,
): Promise<void> {
  const { home, instanceId, container, network, homeVolume, socketVolume, socketUser } = parameters;
  const { image, port, listen, tls } = parameters;
  if (tls?.made) {
    ensureHome(home);
    await ensureInstanceTls({ folder: homePaths(home).tls, instanceId, container, ...defined({ listen }) });
  }
  // One that a killed run left would stay for ever, with its own anonymous volumes.
  await endEphemerals(engine, { volume: homeVolume });
  progress(`making the network ${network} and the files on ${homeVolume} and ${socketVolume}`);
  const mounts = [
    { volume: homeVolume, target: homeFolder },
    { volume: socketVolume, target: socketMount },
  ];
  await Promise.all([
    ensureNetwork(engine, network, instanceId),
    withEphemeral(engine, { image, mounts, user: vaultUserName }, async (id) => {
      const folder = socketMount.slice(1);
      await writeFiles(engine, id, "/", [
        // Vault's group stays, so that Vault can make the socket in a gateway's folder.
        socketUser === undefined
          ? { name: `${folder}/`, content: "", mode: 0o700 }
          : { name: `${folder}/`, content: "", mode: 0o770, uid: socketUser },
        // To an empty volume Docker copies the image's folder with its owner, root's in an image committed from a container. The
        // option against it (`no_copy`) makes the provider require Docker 26.
        { name: `${folder}/.keep`, content: "", mode: 0o400 },
      ]);
      if (tls) await writeHomeFiles(engine, id, tlsHomeFiles(tls));
    }),
  ]);
  if (tls) await serveCertificate(engine, { instanceId, container, port, tls });
}
