import type { Stats } from "node:fs";
import { compareFields } from "../core/compare-fields";
import { describe } from "../openclaw/folder/refused";
import { type DriftProps, drift, type Finding, gone } from "./finding";

/** How a path can differ from what was deployed, apart from its content. */
export type PathDifference = "gone" | "kind" | "owner" | "mode";

interface InspectedPath {
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
  ) => Pick<Finding, "id" | "severity"> & Pick<DriftProps, "summary" | "fix" | "explains">;
}

/** Compares a path's existence and kind; and if these are as expected, its owner and mode. */
export function inspectPath({ path, entry, otherKind, kind, uid, mode, finding }: InspectedPath): Finding[] {
  if (otherKind !== undefined) {
    const { id, severity, fix, ...about } = finding("kind");
    const moveAway = `Find out what uses ${path}, move it away, then run openclaw-openrouter drift --fix`;
    const since = entry?.mtime.toISOString();
    return [
      drift(id, severity, path, { ...about, fix: fix ?? moveAway, since, compared: [kind, otherKind] }),
    ];
  }
  if (!entry) {
    const { id, severity, ...about } = finding("gone");
    return [gone(id, severity, path, about)];
  }
  const present = entry.mode & 0o777;
  return compareFields([
    ["owner", `uid ${uid ?? entry.uid}`, `uid ${entry.uid}`],
    ["mode", (mode ?? present).toString(8), present.toString(8)],
  ]).map((difference) => {
    const { id, severity, ...about } = finding(difference.field as PathDifference);
    return drift(id, severity, path, { ...difference, ...about, since: entry.ctime.toISOString() });
  });
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
