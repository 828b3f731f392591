import { readdirSync } from "node:fs";
import { join } from "node:path";

/** The sources of the program below a folder, by their paths from the project's root, where tests run. */
export function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}
