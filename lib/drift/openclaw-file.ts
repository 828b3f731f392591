import type { Stats } from "node:fs";
import { join } from "node:path";
import { attempt } from "../core/attempt";
import { readOrEmpty } from "../core/files/files";
import { isPrivateGroup } from "../core/files/trusted-path";
import { type Account, accountOf } from "../core/system/os-user";
import { counted, quote } from "../core/text";
import { type InstallParameters, installParametersOf } from "../model/run-parameters";
import { largest, Refused } from "../openclaw/folder/refused";
import { UsersFolder } from "../openclaw/folder/users-folder";
import { type JoinedName, readInstalled } from "../openclaw/installed";
import { joinFile } from "../openclaw/joined-files";
import { isAsWanted } from "../openclaw/wanted";
import type { Severity } from "../report/finding";
import type { DriftContext } from "./context";
import { drift, type Finding, ProbeSkipped } from "./finding";
import { inspectPath, unlikeFile } from "./inspect-path";

/** The parameters of OpenClaw's folder, the account that runs OpenClaw, and the record of what was installed. */
export type OpenClaw = ReturnType<typeof openclawOf>;

export function openclawOf({ deployed, home }: DriftContext) {
  const parameters: InstallParameters = installParametersOf(deployed);
  const account = accountOf(parameters.user);
  return { parameters, account, installed: readInstalled(home) };
}

/**
 * Inspects OpenClaw's folder as the user who runs it.
 * @param work is skipped if the folder is missing or belongs to another user: the folder's probe reports that
 */
export function inFolder(
  { parameters, account }: OpenClaw,
  work: (folder: UsersFolder) => readonly Finding[],
): readonly Finding[] {
  try {
    return UsersFolder.with(parameters.folder, account, (folder) => (folder ? work(folder) : []));
  } catch (error) {
    if (error instanceof Refused && error.path === parameters.folder)
      throw new ProbeSkipped("OpenClaw's folder does not belong to its user");
    throw error;
  }
}

interface InspectedFile {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  /** The effect of a difference, as a sentence for the finding. */
  readonly summary: string;
  readonly account: Account;
  /** @returns the expected text for a current text; undefined if there is none */
  readonly wanted: (text: string) => string | undefined;
  /** The expected mode of a present file. */
  readonly mode: (entry: Stats) => number;
}

/** The mode of what the user decides about, so far as no other user can write to it. */
export function withoutOthers(entry: Stats, account: Account): number {
  return entry.mode & 0o777 & ~writableByOthers(entry, account);
}

/** The mode bits that let others write. A user's own group has usually only that user in it; `users` has everybody. */
function writableByOthers({ gid }: Stats, account: Account): number {
  const isOwn =
    gid === account.gid &&
    (gid === 0 || isPrivateGroup(gid, account.uid, readOrEmpty("/etc/passwd"), readOrEmpty("/etc/group")));
  return isOwn ? 0o002 : 0o022;
}

/** The summary of a path of OpenClaw's that another user owns. */
export const ofAnother = "It belongs to another user than the one who runs OpenClaw";

/** Inspects one file of OpenClaw's folder: its kind, owner, mode and content. */
export function inspectFile(folder: UsersFolder, file: InspectedFile): Finding[] {
  const { id, name, severity, account, summary } = file;
  const path = join(folder.path, name);
  const entry = folder.inspect(name);
  const summaries = {
    gone: summary,
    kind: summary,
    owner: ofAnother,
    mode:
      ((entry?.mode ?? 0) & 0o077) === 0
        ? "Its permissions changed"
        : "Others on this host can read or write it",
  };
  const otherKind = unlikeFile(entry, largest);
  const isOpen = entry !== undefined && (entry.mode & writableByOthers(entry, account)) !== 0;
  const findings = inspectPath({
    path,
    entry,
    otherKind,
    kind: "a plain file",
    uid: account.uid,
    mode: entry && file.mode(entry),
    finding: (what) => ({
      id: `${id}.${what}`,
      severity: what === "mode" && isOpen ? "critical" : severity,
      summary: summaries[what],
      fix:
        what === "owner" && !folder.holds(name, (bytes) => isAsWanted(bytes, file.wanted))
          ? giveByPerson(path, account)
          : undefined,
    }),
  });
  if (!entry || otherKind || entry.uid !== account.uid) return findings;
  const text = folder.read(name)?.bytes.toString("utf8") ?? "";
  const wanted = attempt(() => file.wanted(text));
  if (wanted === text) return findings;
  const content = drift(`${id}.content`, severity, path, {
    summary,
    compared: [
      "what was deployed",
      wanted === undefined ? "text that cannot be read" : changes(text, wanted),
    ],
    since: entry.mtime.toISOString(),
    fix: wanted === undefined ? `Fix its text: ${path}` : undefined,
  });
  return [...findings, content];
}

/** The fix by a person: only a person can tell whether it is OpenClaw's, because its user can have moved anything there. */
export function giveByPerson(path: string, { name, uid, gid }: Account): string {
  return `Inspect its content. If it is OpenClaw's: sudo chown --no-dereference ${uid}:${gid} ${quote(path)} (${name})`;
}

/** The number of lines that differ. The text itself belongs to the user and is not shown. */
function changes(text: string, wanted: string): string {
  const lines = new Set(wanted.split("\n"));
  const other = text.split("\n").filter((line) => !lines.has(line)).length;
  return other === 0 ? "lines are missing" : `changed: ${counted(other, "other line")}`;
}

/** Inspects this program's sections in a file that otherwise belongs to the user. */
export function joinedFile(
  { account, installed }: OpenClaw,
  folder: UsersFolder,
  name: JoinedName,
  file: Pick<InspectedFile, "id" | "severity" | "summary" | "mode">,
): Finding[] {
  const placed = installed?.files[name]?.placed.at(-1);
  if (!placed) return [];
  return inspectFile(folder, {
    ...file,
    name,
    account,
    wanted: (text) => joinFile(name, text, placed.declared),
  });
}
