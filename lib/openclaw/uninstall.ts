import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";
import { type Account, accountOf, actAs } from "../host/account";
import { writePrivateFile } from "../instance/files";
import { sha256 } from "../model/fingerprint";
import { homePaths } from "../model/home-paths";
import { backUp, backupsOf } from "./backups";
import { type JoinedName, type JoinedRecord, joinedNames, readFirstFound, readInstalled } from "./installed";
import { partFile } from "./joined-files";
import { removeOwnFiles } from "./own-files";
import { type PlainFile, readPlainFile, textOf } from "./plain-file";

/** What became of the files that were placed. */
export interface Uninstallation {
  /** Those that were not there before. */
  readonly removed: string[];
  /** Those that are again what they were before, to the byte. */
  readonly restored: string[];
  /** Those that were edited since: only what was ours went back. */
  readonly parted: string[];
  /** Those that do not parse or are no plain files any more, and are left as they are. */
  readonly kept: string[];
}

/** Gives the user's files of OpenClaw back as they were first found, and removes what is ours alone. */
export function uninstall(root: string): Uninstallation {
  const home = homePaths(root);
  const record = readInstalled(home);
  const done: Uninstallation = { removed: [], restored: [], parted: [], kept: [] };
  if (!record) return done;
  const firsts = readFirstFound(home, record);
  const account = accountOf(record.user);
  actAs(account, () => {
    // The include first: the gateway may look at its configuration at any moment.
    for (const name of [...joinedNames].reverse()) {
      const placed = record.files[name];
      const path = join(record.folder, name);
      const outcome = placed && release(path, name, account, placed, firsts[name]);
      if (outcome) done[outcome].push(path);
    }
    removeOwnFiles(record.folder);
    if (record.madeFolder && existsSync(record.folder) && readdirSync(record.folder).length === 0)
      rmdirSync(record.folder);
  });
  rmSync(home.installed, { force: true });
  rmSync(home.firstFound, { recursive: true, force: true });
  return done;
}

/** @returns what became of the file; undefined where it is gone already */
function release(
  path: string,
  name: JoinedName,
  account: Account,
  { placed }: JoinedRecord,
  first: PlainFile | undefined,
): keyof Uninstallation | undefined {
  try {
    const present = readPlainFile(path, account);
    if (!present) return undefined;
    const last = placed.find(({ sha256: hash }) => hash === sha256(present.bytes));
    if (last?.untouched || (first && present.bytes.equals(first.bytes))) return restore(path, present, first);
    if (name === "openrouter.json5") backUp(path, present.bytes);
    const declared = (last ?? placed.at(-1))?.declared ?? "";
    const rest = partFile(name, textOf(present), declared, first && textOf(first));
    if (rest === undefined) {
      rmSync(path);
      return "removed";
    }
    writePrivateFile(path, rest, present.mode);
    return "parted";
  } catch (error) {
    if (error instanceof UserError) return "kept";
    throw error;
  }
}

function restore(path: string, present: PlainFile, first: PlainFile | undefined): "removed" | "restored" {
  if (!first) rmSync(path);
  else if (!present.bytes.equals(first.bytes) || present.mode !== first.mode)
    writePrivateFile(path, first.bytes, first.mode);
  // What they hold is what the file is now, or was ours.
  for (const backup of backupsOf(path)) rmSync(backup);
  return first ? "restored" : "removed";
}
