import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";

const fileResult = z.object({
  path: z.string(),
  seconds: z.number(),
  /** The processor's seconds, which do not depend on what else runs. Missing where several workers share a process. */
  cpu: z.number().optional(),
  passed: z.int(),
  failed: z.int(),
  skipped: z.array(z.string()),
  tests: z.array(z.object({ name: z.string(), seconds: z.number() })),
});

/** What became of one test file. */
export type FileResult = z.output<typeof fileResult>;

/** One line for each file that ended. */
export function readResults(path: string): FileResult[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => fileResult.parse(JSON.parse(line)));
}

/** As `testUnless` writes it into a skipped test's name, or its group's. */
const reason = /\[skipped: ([^\]]+)\]/;

/** How many tests were skipped for which reason, most first. */
export function skippedByReason(skipped: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const name of skipped) {
    const why = reason.exec(name)?.[1] ?? name;
    counts.set(why, (counts.get(why) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** The last lines of a run. */
export function summary(results: readonly FileResult[], slowest = 10): string {
  const sum = (count: (result: FileResult) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  const skipped = skippedByReason(results.flatMap((result) => result.skipped));
  const longest = <T extends { readonly seconds: number }>(of: readonly T[]) =>
    of.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowest);
  const inSeconds = ({ seconds }: { readonly seconds: number }) => `${seconds.toFixed(1).padStart(7)} s`;
  const tests = results.flatMap((result) => result.tests.map((each) => ({ ...each, path: result.path })));
  return [
    "The slowest files:",
    ...longest(results).map(
      (each) =>
        `${inSeconds(each)}  ${each.path}${each.cpu === undefined ? "" : ` (${each.cpu.toFixed(1)} s of CPU)`}`,
    ),
    "The slowest tests:",
    ...longest(tests).map((each) => `${inSeconds(each)}  ${each.path}: ${each.name}`),
    ...(skipped.length > 0 ? ["Skipped:"] : []),
    ...skipped.map(([why, count]) => `${String(count).padStart(7)}    ${why}`),
    "",
    `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed, ${sum((result) => result.skipped.length)} skipped`,
  ].join("\n");
}
