import { lstatSync, readFileSync } from "node:fs";
import { type Account, accountOf } from "../host/account";
import { installParametersOf } from "../model/install-parameters";
import type { InstallParameters } from "../model/run-parameters";
import type { JoinedName } from "../openclaw/installed";
import { readInstalled } from "../openclaw/installed";
import { joinFile } from "../openclaw/joined-files";
import type { DriftContext } from "./context";
import { byPerson, drift, type Finding, type Severity } from "./finding";

/** What is known of OpenClaw's folder: as whom it is looked at, and what was placed there. */
export function openclawOf({ deployed, home }: DriftContext) {
  const parameters: InstallParameters = installParametersOf(deployed);
  const account = accountOf(parameters.user);
  return { parameters, account, installed: readInstalled(home) };
}

export interface LookedAtFile {
  readonly id: string;
  readonly path: string;
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
export function lookAtFile(file: LookedAtFile): Finding[] {
  const { id, path, severity, account } = file;
  const base = { severity, subject: path, seen: file.seen };
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return [drift({ ...base, id: `${id}.gone`, declared: "there", found: "gone" })];
  const since = entry.mtime.toISOString();
  if (!entry.isFile() || entry.nlink !== 1) {
    const found = entry.isSymbolicLink()
      ? "a symbolic link"
      : entry.isFile()
        ? `a file with ${entry.nlink} names`
        : "no plain file";
    return [
      drift({
        ...base,
        id: `${id}.kind`,
        declared: "a plain file",
        found,
        since,
        mend: byPerson(
          `See what it is for, move it away, then run npx openclaw-openrouter drift --fix: ${path}`,
        ),
      }),
    ];
  }
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
        since: entry.ctime.toISOString(),
        ...(process.getuid?.() === 0 ? {} : { mend: byPerson(`sudo chown ${account.uid} ${path}`) }),
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
  const text = readFileSync(path, "utf8");
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
  context: DriftContext,
  name: JoinedName,
  file: Pick<LookedAtFile, "id" | "path" | "severity" | "seen" | "mode">,
): Finding[] {
  const { account, installed } = openclawOf(context);
  const placed = installed?.files[name]?.placed.at(-1);
  if (!placed) return [];
  return lookAtFile({ ...file, account, wanted: (text) => joinFile(name, text, placed.declared) });
}
