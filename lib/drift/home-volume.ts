import type { HomeFile } from "../docker/home-files";
import { homeFolder, type PlacedFile, readHomeFiles, readVolumeFiles, vaultUser } from "../docker/home-files";
import type { DriftContext } from "./context";
import { ProbeSkipped } from "./finding";

/** A file on the container's home volume that is not as it was placed there. */
export interface DifferingFile {
  readonly name: string;
  readonly expected: string;
  readonly actual: string;
}

/** @throws ProbeSkipped where there is no container by which the volume could be read */
export async function differingFiles(
  context: DriftContext,
  files: readonly HomeFile[],
): Promise<DifferingFile[]> {
  const container = await context.container();
  if (!container) throw new ProbeSkipped("there is no container");
  const names = files.map(({ name }) => name);
  const volume = container.Mounts.find(({ Destination }) => Destination === homeFolder)?.Source;
  // What is as declared there is so; of all else the engine has the last word, whose folders may not be this host's.
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
