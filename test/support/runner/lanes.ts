import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { startTestEngine, type TestEngine } from "../engine";
import { jestProgram, runProgram } from "./processes";

const engines = new Set<TestEngine>();

interface LaneOptions {
  readonly lanes: number;
  /** The run's own, for engines and the queue. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Runs end-to-end tests, several files at a time. Each lane is one jest process beside an engine of its own, in a network
 * namespace of its own; the lanes share one queue of files.
 */
export async function runLanes(
  files: readonly string[],
  { lanes, folder, environment }: LaneOptions,
): Promise<void> {
  if (files.length === 0) return;
  const queue = join(folder, "queue");
  mkdirSync(queue);
  writeFileSync(join(queue, "queue.json"), JSON.stringify(files));
  const options = [
    ...["--selectProjects", "e2e", "--runInBand", "--verbose=false", "--reporters", reporter],
    // Real parts on a busy machine take many times as long as alone; what hangs is ended all the same.
    "--testTimeout=300000",
    // A child that a failed test left would hold up the lane for ever.
    "--forceExit",
  ];
  const lane = async (number: number) => {
    const engine = await startTestEngine(join(folder, `lane-${number}`), `${basename(folder)}-${number}`);
    engines.add(engine);
    // Again if a test ends the process that it runs in: the others' files are still to be run.
    for (let left = files.length; left > 0; ) {
      await runProgram([...engine.namespace, ...jestProgram, ...options, "--runTestsByPath", ...files], {
        environment: { ...environment, ...engine.environment, TEST_QUEUE: queue },
      });
      const before = left;
      left = files.length - (readdirSync(queue).length - 1);
      if (left === before) return;
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(lanes, files.length) }, (_, index) => lane(index + 1)),
  );
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}

export const reporter = join(process.cwd(), "test", "support", "runner", "reporter.cjs");

/** Also called twice: at an interruption, and at the end that follows from it. */
export async function stopEngines(): Promise<void> {
  const running = [...engines];
  engines.clear();
  await Promise.all(running.map((engine) => engine.stop()));
}
