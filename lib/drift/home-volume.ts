import { type HomeFile, homeFolder, type PlacedFile, readHomeFiles, vaultUser } from "../docker/home-files";
import { uidInContainer } from "../host/container-users";
import { readVolumeFiles } from "../terraform/fast/volume-files";
import { type DriftContext, requireContainer } from "./context";
import { drift, type Finding } from "./finding";

/**
 * Compares files on the container's home volume with the ones placed there.
 * @param about the findings: the first part of their ids, and what they say
 * @throws ProbeSkipped if there is no container, through which the volume is read
 */
export async function inspectHomeFiles(
  context: DriftContext,
  files: readonly HomeFile[],
  { id, severity, summary }: Pick<Finding, "id" | "severity" | "summary">,
): Promise<Finding[]> {
  const container = await requireContainer(context);
  const names = files.map(({ name }) => name);
  const volume = container.Mounts.find(({ Destination }) => Destination === homeFolder)?.Source;
  const inside = (uid: number) => uidInContainer(container.State.Pid, uid);
  // A match on this host is enough. Else ask the engine, because its folders can be on another host.
  if (volume && differing(files, readVolumeFiles(volume, names), inside).length === 0) return [];
  const present = await readHomeFiles(context.engine.api, container.Id, names);
  return differing(files, present, inside).map(({ name, ...values }) =>
    drift(`${id}.${name}`, severity, `${homeFolder}/${name} in the container`, { summary, ...values }),
  );
}

function differing(
  files: readonly HomeFile[],
  present: ReadonlyMap<string, PlacedFile>,
  inside: (uid: number) => number,
) {
  return files.flatMap(({ name, content, mode }) => {
    const now = present.get(name);
    const expected = accessOf(mode, vaultUser.uid);
    const isChanged = now && now.content !== content;
    const actual = !now ? "gone" : isChanged ? "changed" : accessOf(now.mode, inside(now.uid));
    return actual === expected ? [] : [{ name, expected, actual }];
  });
}

/** Permissions and owner, for a person. */
export function accessOf(mode: number, uid: number): string {
  return `mode ${mode.toString(8)}, of uid ${uid}`;
}
