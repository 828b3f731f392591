import type { Stats } from "node:fs";
import { describe } from "../openclaw/folder/refused";
import { compareFields } from "./compare-fields";
import { byPerson, drift, type Finding, gone } from "./finding";

/** How a path can differ from what was deployed, apart from its content. */
export type PathDifference = "gone" | "kind" | "owner" | "mode";

export interface InspectedPath {
  readonly path: string;
  /** The entry at the path; undefined if there is none, or it could not be opened. */
  readonly entry: Stats | undefined;
  /** What the entry is instead of {@link kind}. @default it is of that kind */
  readonly otherKind?: string | undefined;
  readonly kind: "a plain file" | "a folder";
  /** @default any owner */
  readonly uid?: number | undefined;
  /** The expected permissions. @default any */
  readonly mode?: number | undefined;
  /** What the finding of a difference says besides the two values. */
  readonly finding: (
    difference: PathDifference,
  ) => Pick<Finding, "id" | "severity" | "summary"> & Partial<Pick<Finding, "fix" | "explains">>;
}

/** Compares a path's existence and kind; and if these are as expected, its owner and mode. */
export function inspectPath({ path, entry, otherKind, kind, uid, mode, finding }: InspectedPath): Finding[] {
  const subject = path;
  if (otherKind !== undefined) {
    const fix = byPerson(
      `Find out what uses it, move it away, then run openclaw-openrouter drift --fix: ${path}`,
    );
    const since = entry ? { since: entry.mtime.toISOString() } : {};
    return [drift({ subject, expected: kind, actual: otherKind, ...since, fix, ...finding("kind") })];
  }
  if (!entry) return [gone({ subject, ...finding("gone") })];
  const present = entry.mode & 0o777;
  const differing = compareFields([
    ["owner", `uid ${uid ?? entry.uid}`, `uid ${entry.uid}`],
    ["mode", (mode ?? present).toString(8), present.toString(8)],
  ]);
  return differing.map((difference) =>
    drift({
      subject,
      ...difference,
      since: entry.ctime.toISOString(),
      ...finding(difference.field as PathDifference),
    }),
  );
}

/** The kind of an entry that is no plain file of one name; undefined if it is one. */
export function unlikeFile(entry: Stats | undefined, largest: number): string | undefined {
  if (!entry || (entry.isFile() && entry.nlink === 1 && entry.size <= largest)) return undefined;
  return entry.size > largest ? `a file of ${entry.size} bytes` : describe(entry);
}

/** The kind of an entry that is no folder; undefined if it is one. */
export function unlikeFolder(entry: Stats | undefined): string | undefined {
  return !entry || entry.isDirectory() ? undefined : describe(entry);
}
