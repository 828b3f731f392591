import { join } from "node:path";
import { type Account, accountOf } from "../host/account";
import { installParametersOf } from "../model/install-parameters";
import type { InstallParameters } from "../model/run-parameters";
import { describe, largest, Refused } from "../openclaw/folder/refused";
import { UsersFolder } from "../openclaw/folder/users-folder";
import type { JoinedName } from "../openclaw/installed";
import { readInstalled } from "../openclaw/installed";
import { joinFile } from "../openclaw/joined-files";
import type { DriftContext } from "./context";
import { byPerson, drift, type Finding, type Mend, NotLooked, type Severity } from "./finding";

/** What is known of OpenClaw's folder: as whom it is looked at, and what was placed there. */
export type OpenClaw = ReturnType<typeof openclawOf>;

export function openclawOf({ deployed, home }: DriftContext) {
  const parameters: InstallParameters = installParametersOf(deployed);
  const account = accountOf(parameters.user);
  return { parameters, account, installed: readInstalled(home) };
}

/**
 * Inspects OpenClaw's folder as the user who runs it.
 * @param work is not done if the folder is missing or another's: the probe of the folder tells of that
 */
export function inFolder(
  { parameters, account }: OpenClaw,
  work: (folder: UsersFolder) => readonly Finding[],
): readonly Finding[] {
  try {
    return UsersFolder.with(parameters.folder, account, (folder) => (folder ? work(folder) : []));
  } catch (error) {
    if (error instanceof Refused && error.path === parameters.folder)
      throw new NotLooked("OpenClaw's folder is not one of its user's");
    throw error;
  }
}

export interface LookedAtFile {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity;
  /** What it matters, as a sentence for the finding. */
  readonly seen: string;
  readonly account: Account;
  /** @returns what it is to hold, of what it holds; undefined where that is nobody's to say */
  readonly wanted: (text: string) => string | undefined;
  /** Undefined: the user's own matter. */
  readonly mode: number | undefined;
}

/** Looks at one file of OpenClaw's folder: that it is a plain one of the user's, what it holds, and who may read it. */
export function lookAtFile(folder: UsersFolder, file: LookedAtFile): Finding[] {
  const { id, name, severity, account } = file;
  const path = join(folder.path, name);
  const base = { severity, subject: path, seen: file.seen };
  const entry = folder.inspect(name);
  if (!entry) return [drift({ ...base, id: `${id}.gone`, declared: "there", found: "gone" })];
  const since = entry.mtime.toISOString();
  if (!entry.isFile() || entry.nlink !== 1 || entry.size > largest) {
    return [
      drift({
        ...base,
        id: `${id}.kind`,
        declared: "a plain file",
        found: entry.size > largest ? `a file of ${entry.size} bytes` : describe(entry),
        since,
        mend: byPerson(`See what it is for, move it away, then run openclaw-openrouter drift --fix: ${path}`),
      }),
    ];
  }
  const isPlaced = (text: string) => wantedOf(file, text) === text;
  const findings: Finding[] = [];
  if (entry.uid !== account.uid) {
    const isOurs = folder.holds(name, (bytes) => isPlaced(bytes.toString("utf8")));
    findings.push(
      drift({
        ...base,
        id: `${id}.owner`,
        seen: "It belongs to another user than who runs OpenClaw",
        field: "owner",
        declared: `uid ${account.uid}`,
        found: `uid ${entry.uid}`,
        since: entry.ctime.toISOString(),
        ...(isOurs ? {} : { mend: giveByPerson(path, account) }),
      }),
    );
  }
  const mode = entry.mode & 0o777;
  if (file.mode !== undefined && mode !== file.mode) {
    findings.push(
      drift({
        ...base,
        id: `${id}.mode`,
        seen:
          (mode & 0o077) === 0 ? "Its permissions are others" : "Others on this host can read or write it",
        field: "mode",
        declared: file.mode.toString(8),
        found: mode.toString(8),
        since: entry.ctime.toISOString(),
      }),
    );
  }
  if (entry.uid !== account.uid) return findings;
  const text = folder.read(name)?.bytes.toString("utf8") ?? "";
  const wanted = wantedOf(file, text);
  if (wanted !== text) {
    findings.push(
      drift({
        ...base,
        id: `${id}.content`,
        declared: "what was deployed",
        found: wanted === undefined ? "text that cannot be read" : changes(text, wanted),
        since,
        ...(wanted === undefined ? { mend: byPerson(`Mend its text: ${path}`) } : {}),
      }),
    );
  }
  return findings;
}

/** What nobody but a person can know to be OpenClaw's: its user may have moved something else there. */
export function giveByPerson(path: string, { name, uid, gid }: Account): Mend {
  return byPerson(
    `See what it holds. If it is OpenClaw's: sudo chown --no-dereference ${uid}:${gid} ${path} (${name})`,
  );
}

function wantedOf({ wanted }: LookedAtFile, text: string): string | undefined {
  try {
    return wanted(text);
  } catch {
    return undefined;
  }
}

/** How many lines differ; their text is a user's own, and is not shown. */
function changes(text: string, wanted: string): string {
  const lines = new Set(wanted.split("\n"));
  const other = text.split("\n").filter((line) => !lines.has(line)).length;
  return other === 0 ? "lines are missing" : `changed: ${other} other ${other === 1 ? "line" : "lines"}`;
}

/** One of the files that are joined to the user's own: all but our sections is theirs. */
export function joinedFile(
  { account, installed }: OpenClaw,
  folder: UsersFolder,
  name: JoinedName,
  file: Pick<LookedAtFile, "id" | "severity" | "seen" | "mode">,
): Finding[] {
  const placed = installed?.files[name]?.placed.at(-1);
  if (!placed) return [];
  return lookAtFile(folder, {
    ...file,
    name,
    account,
    wanted: (text) => joinFile(name, text, placed.declared),
  });
}
