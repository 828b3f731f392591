import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writePrivateFile } from "../../lib/core/files/files";
import { packageRoot } from "../../lib/core/system/package-root";

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

const file = () => join(packageRoot(), "test/hosts/results.json");

export function readResults(): Results {
  return existsSync(file()) ? JSON.parse(readFileSync(file(), "utf8")) : {};
}

/** Written after each step, so that a run that was interrupted is told. */
export function recordResult(row: string, result: RowResult): Results {
  const all = { ...readResults(), [row]: result };
  writePrivateFile(file(), `${JSON.stringify(all, null, 2)}\n`, 0o644);
  return all;
}
