import { buildParts } from "../lib/host/build-kit";
import { installEngine } from "../lib/host/engine-install";
import { findProgram } from "../lib/host/find-program";
import { fetchImageTools } from "../lib/host/image-tools";
import { openKit } from "../lib/host/kit";

/**
 * Obtains the real parts as `npm start` does: the engine's package and the kit.
 * @returns what cannot be had, as a sentence; undefined where all is there
 */
export async function obtainParts(): Promise<string | undefined> {
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
    const kit = openKit();
    await Promise.all([buildParts(kit, undefined, { progress }), fetchImageTools(kit, { progress })]);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
