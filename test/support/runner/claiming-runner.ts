import { closeSync, openSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import TestRunner from "jest-runner";

type RunTests = TestRunner["runTests"];

/**
 * jest's own runner, which takes one file after the other from a queue that several processes share: so each process starts
 * once, and none waits while another has files left.
 */
export default class ClaimingRunner extends TestRunner {
  override async runTests(...[tests, watcher, options]: Parameters<RunTests>): ReturnType<RunTests> {
    const { TEST_QUEUE: folder } = process.env;
    if (!folder) return super.runTests(tests, watcher, options);
    for (const [place, path] of readQueue(folder).entries()) {
      const test = tests.find((each) => each.path === resolve(path));
      if (test && claim(folder, place)) await super.runTests([test], watcher, options);
    }
  }
}

/** The paths in the order in which they are begun. */
function readQueue(folder: string): string[] {
  return JSON.parse(readFileSync(join(folder, "queue.json"), "utf8"));
}

/** A file that only one process can create. */
function claim(folder: string, place: number): boolean {
  try {
    closeSync(openSync(join(folder, `${place}.taken`), "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
