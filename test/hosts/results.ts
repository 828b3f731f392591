import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../../lib/core/files/files";
import { packageRoot } from "../../lib/core/system/package-root";
import { rows } from "./rows";
import { steps } from "./steps";

/** How a step of a row ended. */
export interface StepResult {
  readonly status: "works" | "refused" | "failed" | "not tried";
  /** Why it was not tried, how it was refused, or what failed. */
  readonly note?: string;
  readonly seconds?: number;
}

/** What was seen of a row when it was last run. */
export interface RowResult {
  /** The program's version and the digest of its content. */
  readonly program: string;
  readonly day: string;
  /** Such as "Debian 13, systemd 257, Docker Engine 26.1.5, Node 20.19.2, Terraform 1.11.4". */
  readonly host: string;
  readonly steps: Readonly<Record<string, StepResult>>;
}

export type Results = Readonly<Record<string, RowResult>>;

/** A file a row: rows run beside each other. */
const fileOf = (row: string) => join(packageRoot(), "test/hosts/results", `${row}.json`);

export function readResults(): Results {
  const known = rows.map(({ name }) => name).filter((name) => existsSync(fileOf(name)));
  return Object.fromEntries(known.map((name) => [name, JSON.parse(readFileSync(fileOf(name), "utf8"))]));
}

/** Written after each step, so that a run that was interrupted is told. */
export function recordResult(row: string, result: RowResult): void {
  writePrivateFile(fileOf(row), `${JSON.stringify(result, null, 2)}\n`, 0o644);
}

export function verdictOf({ steps: seen }: RowResult): "passed" | "failed" | "not whole" {
  if (Object.values(seen).some(({ status }) => status === "failed")) return "failed";
  return steps.every(({ id }) => seen[id]) ? "passed" : "not whole";
}

/** How long a row took; one that was not run yet may take longest. */
export function secondsOf(seen: RowResult | undefined): number {
  if (!seen) return Number.MAX_SAFE_INTEGER;
  return Object.values(seen.steps).reduce((sum, { seconds = 0 }) => sum + seconds, 0);
}
