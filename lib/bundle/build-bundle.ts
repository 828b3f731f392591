import { cpus } from "node:os";
import { type Progress, silent } from "../core/progress";
import { availableMegabytes } from "../core/system/memory";
import { buildPart } from "./build-part";
import { type Bundle, missingParts } from "./bundle";
import { type PartName, partNames } from "./bundle-parts";
import { BundleProgress } from "./bundle-progress";
import { nextPart } from "./bundle-schedule";
import { requireGo } from "./go";

export interface BuildOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
  /** The missing programs and why, for the message if there is no Go. */
  readonly why?: readonly string[];
}

/**
 * Builds the missing parts, as many at once as processors and memory allow.
 * @throws UserError if Go is missing or a build fails; the other builds are then aborted.
 */
export async function buildParts(
  bundle: Bundle,
  names: readonly PartName[] = partNames,
  options: BuildOptions = {},
): Promise<void> {
  const waiting = missingParts(bundle, names);
  if (waiting.length === 0) return;
  await requireGo(
    `Parts of the bundle in ${bundle.folder} are missing (${waiting.join(", ")})`,
    options.env,
    options.why,
  );

  const stop = new AbortController();
  const signal = options.signal ? AbortSignal.any([stop.signal, options.signal]) : stop.signal;
  const progress = new BundleProgress(options.progress ?? silent, waiting.length);
  const running = new Map<PartName, Promise<void>>();
  const budget = availableMegabytes() * 0.9;
  try {
    while (waiting.length > 0 || running.size > 0) {
      for (;;) {
        const name = nextPart(waiting, [...running.keys()], { megabytes: budget, processors: cpus().length });
        if (!name) break;
        waiting.splice(waiting.indexOf(name), 1);
        progress.started(name);
        const build = buildPart(bundle, name, {
          signal,
          env: options.env ?? process.env,
          note: (text) => progress.note(name, text),
        });
        running.set(
          name,
          build.then(() => {
            progress.ended(name);
            running.delete(name);
          }),
        );
      }
      await Promise.race(running.values());
    }
  } finally {
    stop.abort();
    await Promise.allSettled(running.values());
    progress.close();
  }
}
