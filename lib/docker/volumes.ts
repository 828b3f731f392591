import { instanceLabel } from "../model/instance-label";
import { type EngineApi, EngineError } from "./engine-api";
import { runOnVolumes } from "./ephemeral";
import { vaultUserName } from "./home-files";
import { isOurVolume } from "./ours";

/** What all of these need to work on volumes. */
export interface Volumes {
  readonly engine: EngineApi;
  /** Vault's image, whose shell is used. */
  readonly image: string;
  /** By it new volumes are labelled. */
  readonly instanceId: string;
}

/** Where the previous data are kept while they are replaced. */
export function keptVolume(volume: string): string {
  return `${volume}-before`;
}

/** Where Vault's image has its data: an empty volume takes its owner over from there. */
const dataFolder = "/vault/file";
const otherFolder = "/vault/logs";

/**
 * Makes a volume of ours if there is none of that name.
 * @throws UserError if there is one without our label, which the engine gives back as if it had just made it
 */
export async function ensureVolume({ engine, instanceId }: Volumes, name: string): Promise<void> {
  await engine.call("POST", "/volumes/create", {
    body: { Name: name, Labels: { [instanceLabel]: instanceId } },
  });
  await isOurVolume(engine, name, instanceId);
}

/**
 * Makes one volume's content the same as another's. May be interrupted and done again.
 * @throws UserError if either is not ours
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

/** Removes everything in a volume. @throws UserError if it is not ours */
export async function emptyVolume({ engine, image, instanceId }: Volumes, name: string): Promise<void> {
  await isOurVolume(engine, name, instanceId);
  await runOnVolumes(engine, {
    image,
    user: vaultUserName,
    mounts: [{ volume: name, target: dataFolder }],
    line: emptied(dataFolder),
  });
}

/** Removes a volume of ours, where it is there. @throws EngineError where a container uses it */
export async function removeVolume({ engine, instanceId }: Volumes, name: string): Promise<void> {
  const volume = await engine.inspectVolume(name);
  if (volume?.Labels?.[instanceLabel] !== instanceId) return;
  try {
    await engine.call("DELETE", `/volumes/${encodeURIComponent(name)}`);
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 404)) throw error;
  }
}

/** Not `find -delete`, which Debian's busybox does not know. */
function emptied(folder: string): string {
  return `rm -rf ${folder}/* ${folder}/.[!.]* ${folder}/..?*`;
}
