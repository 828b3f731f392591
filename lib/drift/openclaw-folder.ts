import type { Stats } from "node:fs";
import type { Account } from "../core/system/os-user";
import type { Finding } from "./finding";
import { inspectPath, unlikeFolder } from "./inspect-path";
import { giveByPerson, ofAnother } from "./openclaw-file";

interface InspectedFolder {
  readonly id: string;
  readonly path: string;
  /** The entry at the path; undefined if there is none. */
  readonly entry: Stats | undefined;
  /** What is at the path of a folder that could not be opened. @default it was opened, or is missing */
  readonly refused?: string;
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
  const summaries = {
    gone: summary,
    kind: summary,
    owner: ofAnother,
    mode: "Others on this host have more access to it than was deployed",
  };
  // Another user can have put anything there.
  const isRoots = account.uid === 0 && process.getuid?.() === 0;
  return inspectPath({
    path,
    entry,
    otherKind: entry ? unlikeFolder(entry) : folder.refused,
    kind: "a folder",
    uid: account.uid,
    mode: entry && folder.wantedMode(entry),
    finding: (what) => ({
      id: `${id}.${what}`,
      severity: what === "gone" ? "major" : "critical",
      summary: summaries[what],
      fix: what === "owner" && !isRoots ? giveByPerson(path, account) : undefined,
      ...(what === "mode" ? {} : { explains: [holds] }),
    }),
  });
}
