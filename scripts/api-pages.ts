import { childEnvironment } from "../lib/core/system/environment";
import { run } from "../lib/core/system/process";

export const apiFolder = "docs/api";

/** Writes a page for each construct and type that other apps import, from its doc comments. See typedoc.json. */
export async function writeApiPages(folder: string): Promise<void> {
  const args = ["node_modules/typedoc/bin/typedoc", "--treatWarningsAsErrors", "--out", folder];
  const result = await run(process.execPath, args, { env: childEnvironment() });
  if (result.exitCode !== 0) throw new Error(result.failure ?? result.stdout + result.stderr);
}
