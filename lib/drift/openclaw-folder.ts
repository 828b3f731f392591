import type { Stats } from "node:fs";
import type { Account } from "../host/account";
import { describe, type Refused } from "../openclaw/folder/refused";
import { byPerson, drift, type Finding } from "./finding";
import { giveByPerson } from "./openclaw-file";

export interface LookedAtFolder {
  readonly id: string;
  readonly path: string;
  /** What is there; undefined where nothing is. */
  readonly entry: Stats | undefined;
  /** Why it could not be opened as one of its user's. @default it could, or nothing is there */
  readonly refused?: Refused;
  readonly account: Account;
  /** What it matters where it is gone or no folder, as a sentence for the finding. */
  readonly seen: string;
  /** @returns the permissions that it is to have, of what is there */
  readonly wantedMode: (entry: Stats) => number;
  /** The findings that follow where there is no such folder, by pattern. */
  readonly holds: string;
}

/** Looks at a folder of OpenClaw's: that it is one, whose it is, and who may do something in it. */
export function lookAtFolder(folder: LookedAtFolder): Finding[] {
  const { id, path, entry, account, seen, holds } = folder;
  const base = { severity: "critical" as const, subject: path };
  if (!entry && !folder.refused) {
    const gone = { id: `${id}.gone`, declared: "there", found: "gone", explains: [holds] };
    return [drift({ ...base, severity: "major", seen, ...gone })];
  }
  if (!entry?.isDirectory()) {
    return [
      drift({
        ...base,
        id: `${id}.kind`,
        seen,
        declared: "a folder",
        found: entry ? describe(entry) : (folder.refused?.got ?? "no folder"),
        ...(entry ? { since: entry.mtime.toISOString() } : {}),
        mend: byPerson(`See what it is for, move it away, then run openclaw-openrouter drift --fix: ${path}`),
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
        seen: "It belongs to another user than who runs OpenClaw",
        field: "owner",
        declared: `uid ${account.uid}`,
        found: `uid ${entry.uid}`,
        since,
        // What another user has put there may be anything.
        ...(account.uid === 0 && process.getuid?.() === 0 ? {} : { mend: giveByPerson(path, account) }),
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
        seen: "Others on this host may do more in it than they were to",
        field: "mode",
        declared: wanted.toString(8),
        found: mode.toString(8),
        since,
      }),
    );
  }
  return findings;
}
