import { buildParts } from "../../lib/bundle/build-bundle";
import { openBundle } from "../../lib/bundle/bundle";
import { fetchImageTools } from "../../lib/bundle/image-tools";
import { findProgram } from "../../lib/core/system/find-program";
import { installEngine } from "../../lib/docker/engine-install";

/**
 * Installs the real parts as `npm start` does: the engine's package and the bundle.
 * @returns what cannot be had, as a sentence; undefined where all is there
 */
export async function installParts(): Promise<string | undefined> {
  if (process.getuid?.() !== 0)
    return "they start a Docker Engine and a network namespace of their own, which only root can";
  let last = Date.now();
  const progress = (line: string) => {
    if (Date.now() - last < 15_000) return;
    last = Date.now();
    console.log(`  ${line}`);
  };
  try {
    if (!findProgram("dockerd", `${process.env.PATH}:/usr/sbin`)) await installEngine(progress, process.env);
    const bundle = openBundle();
    await Promise.all([buildParts(bundle, undefined, { progress }), fetchImageTools(bundle, { progress })]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
