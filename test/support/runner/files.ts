import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { RunArguments } from "./arguments";
import { jestProgram } from "./processes";

/** The test files of a run, as paths from the project's folder. */
export interface TestFiles {
  readonly unit: readonly string[];
  /** In the order in which they are begun. */
  readonly endToEnd: readonly string[];
}

/** @throws Error if nothing is selected, as by a mistyped pattern, or for one that is no regular expression */
export function selectFiles(
  { unitOnly, changed, patterns }: RunArguments,
  times: Readonly<Record<string, number>>,
): TestFiles {
  const all = changed ? changedFiles() : allTestFiles();
  // A path as a shell completes it is a pattern, too.
  const expressions = patterns.map((pattern) => new RegExp(pattern.replace(/^\.\//, "")));
  const matching = all.filter(
    (path) => expressions.length === 0 || expressions.some((expression) => expression.test(path)),
  );
  const selected = matching.filter((path) => !unitOnly || !isEndToEnd(path));
  if (selected.length === 0 && !changed)
    throw new Error(
      unitOnly && matching.length > 0
        ? "only end-to-end tests match, and --unit leaves them out"
        : `no test file matches ${patterns.join(" ")}`,
    );
  return {
    unit: selected.filter((path) => !isEndToEnd(path)),
    endToEnd: longestFirst(selected.filter(isEndToEnd), times),
  };
}

/** Whether a test file needs an engine, which a lane starts. */
export function isEndToEnd(path: string): boolean {
  return /^test\/(e2e|attacks)\//.test(path);
}

/** A file without a recorded time is new: it may be the longest. */
export function longestFirst(paths: readonly string[], times: Readonly<Record<string, number>>): string[] {
  const seconds = (path: string) => times[path] ?? Number.POSITIVE_INFINITY;
  return [...paths].sort((a, b) => (seconds(b) > seconds(a) ? 1 : seconds(b) < seconds(a) ? -1 : 0));
}

/** As paths from the project's folder. */
export function allTestFiles(): string[] {
  return readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join("test", name))
    .sort();
}

/** By jest, which knows the imports. The programs that end-to-end tests start are no imports. */
function changedFiles(): string[] {
  const args = [...jestProgram.slice(1), "--listTests", "--json", `--changedSince=${mainBranch()}`];
  const paths: string[] = JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" }));
  return paths.map((path) => relative(process.cwd(), path)).sort();
}

function mainBranch(): string {
  const found = ["main", "origin/main"].find((name) => {
    try {
      execFileSync("git", ["rev-parse", "--verify", "--quiet", `${name}^{commit}`], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });
  if (!found)
    throw new Error("--changed compares with the branch main, and there is neither main nor origin/main");
  return found;
}
