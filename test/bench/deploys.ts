import type { Measure } from "./measure";
import { steps, timedName, type Way } from "./ways/way";

/**
 * The same host set up in several ways, side by side: each round goes through all of them. The first round is not counted;
 * it only deploys, which brings what a way needs into the system's caches, and its memory is watched.
 */
export async function timeDeploys({ host, timings, rounds }: Measure, ways: readonly Way[]): Promise<void> {
  for (const way of ways) {
    await way.prepare?.();
    const first = way.steps["first deploy"];
    if (first) timings.keepPeak(way.name, await host.peakOf(first));
    await way.reset();
  }
  for (let round = 1; round <= rounds; round++) {
    for (const way of ways) {
      await way.prepare?.();
      for (const step of steps) {
        const work = way.steps[step];
        if (work) await timings.time(timedName(way, step), true, work);
      }
      await way.reset();
    }
  }
}
