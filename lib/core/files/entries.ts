import { type Dirent, opendirSync } from "node:fs";

/**
 * The entries of a folder by their names, up to a limit: one of another user's can have millions, and a list of all of them fills
 * the memory.
 * @param most the limit; of a folder with more, which ones are returned is up to its file system
 * @throws the error of Node if it cannot be listed
 */
export function firstEntries(path: string, most: number): Dirent[] {
  const folder = opendirSync(path, { bufferSize: 256 });
  try {
    const entries: Dirent[] = [];
    while (entries.length < most) {
      const entry = folder.readSync();
      if (!entry) break;
      entries.push(entry);
    }
    return entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  } finally {
    folder.closeSync();
  }
}
