import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isEndToEnd } from "./files";
import type { FileResult } from "./results";

const file = join("test", "times.json");

/** The seconds that each end-to-end file took when they were last recorded. */
export function readTimes(): Record<string, number> {
  return z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(file, "utf8")));
}

/** Keeps the times of files that did not run, and forgets files that are gone. */
export function recordTimes(results: readonly FileResult[], existing: readonly string[]): void {
  const times = {
    ...readTimes(),
    ...Object.fromEntries(results.map(({ path, seconds }) => [path, Math.round(seconds)])),
  };
  const isKept = (path: string) => isEndToEnd(path) && times[path] !== undefined;
  const kept = existing.filter(isKept).map((path) => [path, times[path]]);
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
}
