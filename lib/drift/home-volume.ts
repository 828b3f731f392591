import { type HomeFile, homeFolder, type PlacedFile, readHomeFiles, vaultUser } from "../docker/home-files";
import { readVolumeFiles } from "../terraform/fast/volume-files";
import type { DriftContext } from "./context";
import { ProbeSkipped } from "./finding";

/** A file on the container's home volume that differs from the one placed there. */
export interface DifferingFile {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

/** @throws ProbeSkipped if there is no container, through which the volume is read */
export async function differingFiles(
  context: DriftContext,
  files: readonly HomeFile[],
): Promise<DifferingFile[]> {
  const container = await context.container();
  if (!container) throw new ProbeSkipped("there is no container");
  const names = files.map(({ name }) => name);
  const volume = container.Mounts.find(({ Destination }) => Destination === homeFolder)?.Source;
  // A match on this host is enough. Else ask the engine, because its folders can be on another host.
  if (volume && compare(files, readVolumeFiles(volume, names)).length === 0) return [];
  return compare(files, await readHomeFiles(context.engine.api, container.Id, names));
}

function compare(files: readonly HomeFile[], present: ReadonlyMap<string, PlacedFile>): DifferingFile[] {
  return files.flatMap(({ name, content, mode }) => {
    const now = present.get(name);
    const expected = `mode ${mode.toString(8)}, of uid ${vaultUser.uid}`;
    const actual = !now
      ? "gone"
      : now.content !== content
        ? "changed"
        : `mode ${now.mode.toString(8)}, of uid ${now.uid}`;
    return actual === expected ? [] : [{ name, expected, actual }];
  });
}
