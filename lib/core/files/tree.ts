import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** An entry in a folder or below it. */
interface TreeEntry {
  /** Relative to the folder. */
  readonly name: string;
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/** Lists everything in a folder and below it, by name; links are not followed. */
export async function listTree(folder: string): Promise<TreeEntry[]> {
  const names = (await readdir(folder, { recursive: true })).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const stat = await lstat(path);
      const kind = stat.isFile()
        ? "file"
        : stat.isDirectory()
          ? "folder"
          : stat.isSymbolicLink()
            ? "link"
            : "other";
      return { name, path, kind };
    }),
  );
}
