import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isEndToEnd } from "./files";
import type { FileResult } from "./results";

/** A whole table takes a hundred times as long as its sample: the times of `--full` are their own. */
const fileOf = (full: boolean) => join("test", full ? "times-full.json" : "times.json");

/** The seconds that each end-to-end file took when they were last recorded. */
export function readTimes(full: boolean): Record<string, number> {
  return z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(fileOf(full), "utf8")));
}

/** Keeps the times of files that did not run, and forgets files that are gone. */
export function recordTimes(
  full: boolean,
  results: readonly FileResult[],
  existing: readonly string[],
): void {
  const times = {
    ...readTimes(full),
    ...Object.fromEntries(results.map(({ path, seconds }) => [path, Math.round(seconds)])),
  };
  const isKept = (path: string) => isEndToEnd(path) && times[path] !== undefined;
  const kept = existing.filter(isKept).map((path) => [path, times[path]]);
  writeFileSync(fileOf(full), `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
}
