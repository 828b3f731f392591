import { rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../lib/core/system/package-root";
import type { Measure } from "./measure";

/** How many instances are synthesized by one process. */
export const synthSizes = [1, 10, 50, 200] as const;

export const synthName = (size: number) => `synth, instances: ${size}`;

/** How synthesis grows with the instances of an app, the start of Node included. */
export async function timeGrowth({ host, timings, rounds }: Measure): Promise<void> {
  const out = join(host.folder, "many");
  const program = pathToFileURL(join(packageRoot(), "dist", "bench-synthesize.cjs")).href;
  const synthesize = (size: number) =>
    host.run([
      process.execPath,
      "-e",
      `import(${JSON.stringify(program)}).then(({ main }) => main(${size}, ${JSON.stringify(out)}))`,
    ]);
  for (let round = 0; round <= rounds; round++) {
    for (const size of synthSizes) {
      const work = async () => void (await synthesize(size));
      if (round === 0) timings.keepPeak(synthName(size), await host.peakOf(work));
      else await timings.time(synthName(size), true, work);
      rmSync(out, { recursive: true });
    }
  }
}
