import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package (it holds `package.json` and `kit/`), from source files and from the bundle alike. */
export function packageRoot(from: string = __dirname): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "kit"))) return folder;
    if (folder === dirname(folder)) throw new Error(`No package.json with a kit/ beside it above ${from}.`);
  }
}
