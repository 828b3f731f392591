import type { Stats } from "node:fs";
import type { Account } from "../core/os-user";
import { describe, type Refused } from "../openclaw/folder/refused";
import { byPerson, drift, type Finding } from "./finding";
import { giveByPerson } from "./openclaw-file";

export interface InspectedFolder {
  readonly id: string;
  readonly path: string;
  /** The entry at the path; undefined if there is none. */
  readonly entry: Stats | undefined;
  /** The reason that the folder could not be opened. @default it was opened, or is missing */
  readonly refused?: Refused;
  readonly account: Account;
  /** The effect of a missing folder, as a sentence for the finding. */
  readonly summary: string;
  /** @returns the expected permissions of an entry */
  readonly wantedMode: (entry: Stats) => number;
  /** The findings that follow if there is no such folder, by pattern. */
  readonly holds: string;
}

/** Inspects a folder of OpenClaw's: its kind, owner and mode. */
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
        fix: byPerson(
          `Find out what uses it, move it away, then run openclaw-openrouter drift --fix: ${path}`,
        ),
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
        summary: "It belongs to another user than the one who runs OpenClaw",
        field: "owner",
        expected: `uid ${account.uid}`,
        actual: `uid ${entry.uid}`,
        since,
        // Another user can have put anything there.
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
        summary: "Others on this host have more access to it than was deployed",
        field: "mode",
        expected: wanted.toString(8),
        actual: mode.toString(8),
        since,
      }),
    );
  }
  return findings;
}
