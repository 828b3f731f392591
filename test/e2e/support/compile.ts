import { join } from "node:path";
import { buildSync } from "esbuild";

/**
 * Compiles a program of this folder, which is to run in a process of its own.
 * @param folder where the compiled file is written
 * @returns the compiled file
 */
export function compileSupport(name: string, folder: string): string {
  const outfile = join(folder, `${name}.js`);
  buildSync({
    entryPoints: [join(__dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: "node",
    mainFields: ["module", "main"],
  });
  return outfile;
}
