import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { isEndToEnd } from "./files";
import type { FileResult } from "./results";

const times = z.record(z.string(), z.number());

/** A whole table takes up to a hundred times as long as its sample: the times of `--full` are their own. */
const fileOf = (full: boolean) => join("test", full ? "times-full.json" : "times.json");

/** The seconds that each end-to-end file took when they were last recorded; without a time of its whole table, its sample's. */
export function readTimes(full: boolean): Record<string, number> {
  return { ...recorded(false), ...recorded(full) };
}

function recorded(full: boolean): Record<string, number> {
  return times.parse(JSON.parse(readFileSync(fileOf(full), "utf8")));
}

/** Keeps the times of files that did not run, and forgets files that are gone. */
export function recordTimes(
  full: boolean,
  results: readonly FileResult[],
  existing: readonly string[],
): void {
  const known = {
    ...recorded(full),
    ...Object.fromEntries(results.map(({ path, seconds }) => [path, Math.round(seconds)])),
  };
  const isKept = (path: string) => isEndToEnd(path) && known[path] !== undefined;
  const kept = existing.filter(isKept).map((path) => [path, known[path]]);
  writeFileSync(fileOf(full), `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
}
