import type { Stats } from "node:fs";
import type { Account } from "../core/os-user";
import { describe, type Refused } from "../openclaw/folder/refused";
import { byPerson, drift, type Finding } from "./finding";
import { giveByPerson } from "./openclaw-file";

export interface InspectedFolder {
  readonly id: string;
  readonly path: string;
  /** What is there; undefined where nothing is. */
  readonly entry: Stats | undefined;
  /** Why it could not be opened as one of its user's. @default it could, or nothing is there */
  readonly refused?: Refused;
  readonly account: Account;
  /** What it matters where it is gone or no folder, as a sentence for the finding. */
  readonly summary: string;
  /** @returns the permissions that it is to have, of what is there */
  readonly wantedMode: (entry: Stats) => number;
  /** The findings that follow where there is no such folder, by pattern. */
  readonly holds: string;
}

/** Looks at a folder of OpenClaw's: that it is one, whose it is, and who may do something in it. */
export function inspectFolder(folder: InspectedFolder): Finding[] {
  const { id, path, entry, account, summary, holds } = folder;
  const base = { severity: "critical" as const, subject: path };
  if (!entry && !folder.refused) {
    const gone = { id: `${id}.gone`, expected: "there", actual: "gone", explains: [holds] };
    return [drift({ ...base, severity: "major", summary, ...gone })];
  }
  if (!entry?.isDirectory()) {
    return [
      drift({
        ...base,
        id: `${id}.kind`,
        summary,
        expected: "a folder",
        actual: entry ? describe(entry) : (folder.refused?.got ?? "no folder"),
        ...(entry ? { since: entry.mtime.toISOString() } : {}),
        fix: byPerson(`See what it is for, move it away, then run openclaw-openrouter drift --fix: ${path}`),
        explains: [holds],
      }),
    ];
  }
  const since = entry.ctime.toISOString();
  const findings: Finding[] = [];
  if (entry.uid !== account.uid) {
    findings.push(
      drift({
        ...base,
        id: `${id}.owner`,
        summary: "It belongs to another user than who runs OpenClaw",
        field: "owner",
        expected: `uid ${account.uid}`,
        actual: `uid ${entry.uid}`,
        since,
        // What another user has put there may be anything.
        ...(account.uid === 0 && process.getuid?.() === 0 ? {} : { fix: giveByPerson(path, account) }),
        explains: [holds],
      }),
    );
  }
  const mode = entry.mode & 0o777;
  const wanted = folder.wantedMode(entry);
  if (mode !== wanted) {
    findings.push(
      drift({
        ...base,
        id: `${id}.mode`,
        summary: "Others on this host may do more in it than they were to",
        field: "mode",
        expected: wanted.toString(8),
        actual: mode.toString(8),
        since,
      }),
    );
  }
  return findings;
}
