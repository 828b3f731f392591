import { instanceLabel } from "../model/instance-label";
import { type EngineApi, removeIfThere } from "./engine-api";
import { runOnVolumes } from "./ephemeral";
import { vaultUserName } from "./home-files";
import { isOurs, isOurVolume } from "./ours";

/** The parameters of the functions that work on volumes. */
export interface Volumes {
  readonly engine: EngineApi;
  /** Vault's image, whose shell is used. */
  readonly image: string;
  /** The id with which new volumes are labelled. */
  readonly instanceId: string;
}

/** The volume that keeps the previous data while it is replaced. */
export function keptVolume(volume: string): string {
  return `${volume}-before`;
}

/** The data folder in Vault's image: an empty volume gets its owner from there. */
const dataFolder = "/vault/file";
const otherFolder = "/vault/logs";

/**
 * Creates a managed volume if there is none of that name.
 * @throws UserError if there is one without the instance's label: the engine returns an existing volume as if it had just
 * created it
 */
export async function ensureVolume({ engine, instanceId }: Volumes, name: string): Promise<void> {
  await engine.call("POST", "/volumes/create", {
    body: { Name: name, Labels: { [instanceLabel]: instanceId } },
  });
  await isOurVolume(engine, name, instanceId);
}

/**
 * Replaces the content of one volume with another's. If it is interrupted, it can be repeated.
 * @throws UserError if either volume is unmanaged
 */
export async function copyVolume(volumes: Volumes, from: string, to: string): Promise<void> {
  await isOurVolume(volumes.engine, from, volumes.instanceId);
  await ensureVolume(volumes, to);
  await runOnVolumes(volumes.engine, {
    image: volumes.image,
    user: vaultUserName,
    mounts: [
      { volume: from, target: otherFolder },
      { volume: to, target: dataFolder },
    ],
    line: `${emptied(dataFolder)} && cp -a ${otherFolder}/. ${dataFolder}/ && sync`,
  });
}

/** Removes everything in a volume. @throws UserError if it is unmanaged */
export async function emptyVolume({ engine, image, instanceId }: Volumes, name: string): Promise<void> {
  await isOurVolume(engine, name, instanceId);
  await runOnVolumes(engine, {
    image,
    user: vaultUserName,
    mounts: [{ volume: name, target: dataFolder }],
    line: emptied(dataFolder),
  });
}

/** Removes a managed volume, if it exists. @throws EngineError if a container uses it */
export async function removeVolume({ engine, instanceId }: Volumes, name: string): Promise<void> {
  const volume = await engine.inspectVolume(name);
  if (!volume || !isOurs(volume, instanceId)) return;
  await removeIfThere(engine, `/volumes/${encodeURIComponent(name)}`);
}

/**
 * The containers, running or not, that mount a volume or its folder on the host. A container that mounts the whole host, as a
 * monitor does, is not included.
 * @param folder the folder in which the engine keeps the volume
 */
export async function usersOf(engine: EngineApi, volume: string, folder: string | undefined) {
  const isWithin = (path: string) =>
    folder !== undefined &&
    // The engine tells its own folder without links and a mount as it was given: `/var/lib/docker` often is a link.
    (`${path}/`.startsWith(`${folder}/`) || `${path}/`.includes(`/volumes/${volume}/_data/`));
  const using = (await engine.containers("all=1")).filter(({ Mounts }) =>
    Mounts?.some(({ Name, Source }) => Name === volume || isWithin(Source)),
  );
  return using.map(({ Id, Names, Created }) => ({
    id: Id,
    name: Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12),
    created: new Date(Created * 1000).toISOString(),
  }));
}

/** The shell command that empties a folder. `find -delete` is missing in Debian's busybox. */
function emptied(folder: string): string {
  return `rm -rf ${folder}/* ${folder}/.[!.]* ${folder}/..?*`;
}
