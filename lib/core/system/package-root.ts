import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package (with `package.json` and `bundle/`), found from source files and from compiled files. */
export function packageRoot(): string {
  for (let folder = __dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "bundle"))) return folder;
    if (folder === dirname(folder))
      throw new Error(`No package.json with bundle/ beside it above ${__dirname}.`);
  }
}
