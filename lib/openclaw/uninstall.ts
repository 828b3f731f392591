import { rmSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../core/attempt";
import { ifError, UserError } from "../core/errors";
import { writePrivateFile } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import { type Account, accountOf } from "../core/system/os-user";
import { fileTime } from "../core/time";
import { backupFolderOf, homePaths } from "../model/home-paths";
import { removeDeployedFor } from "../store/deployed-for";
import { backUp, backupsOf } from "./backups";
import { Refused } from "./folder/refused";
import { type PlainFile, UsersFolder } from "./folder/users-folder";
import {
  type InstalledRecord,
  type JoinedName,
  type JoinedRecord,
  joinedNames,
  readFirstFound,
  readInstalled,
} from "./installed";
import { partFile } from "./joined-files";
import { removeOwnFiles } from "./own-files";
import { textOf } from "./plain-file";

/** The result of an uninstall, as paths. */
export interface Uninstallation {
  /** Files that did not exist before the install. */
  readonly removed: string[];
  /** Files whose original was restored, byte for byte. */
  readonly restored: string[];
  /** Files that were edited since: only the managed parts were removed. */
  readonly parted: string[];
  /** Files left unchanged, since they do not parse or are no longer plain files; the folder, if its user lost it or is gone. */
  readonly kept: string[];
  /** Where the originals are that could not be restored, since their file or the folder is kept or gone. */
  readonly saved: string[];
}

/**
 * Restores the user's original OpenClaw files, and removes the managed ones. An original that cannot be restored is saved beside the
 * backups: the folder can be on a disk that is not mounted now, or a file can be broken.
 */
export function uninstall(root: string): Uninstallation {
  const home = homePaths(root);
  const record = readInstalled(home);
  const done: Uninstallation = { removed: [], restored: [], parted: [], kept: [], saved: [] };
  if (!record) return done;
  const firsts = readFirstFound(home, record);
  const left = new Map(Object.entries(firsts));
  try {
    const account = userOf(record);
    UsersFolder.with(record.folder, account, (folder) => {
      // The include first: the gateway can read its configuration at any moment.
      for (const name of [...joinedNames].reverse()) {
        const placed = record.files[name];
        const outcome = placed && folder && release(folder, name, placed, firsts[name]);
        if (!outcome) continue;
        done[outcome].push(join(record.folder, name));
        if (outcome !== "kept") left.delete(name);
      }
      if (folder) removeOwn(folder, done);
    });
    if (record.madeFolder) UsersFolder.removeEmpty(record.folder, account);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // The folder itself now belongs to another user, or its user is gone.
    done.kept.push(record.folder);
  }
  done.saved.push(...saveOriginals(root, left));
  removeDeployedFor(root);
  rmSync(home.installed, { force: true });
  rmSync(home.firstFound, { recursive: true, force: true });
  return done;
}

/** Writes originals into a folder that no command removes. @returns their paths */
function saveOriginals(root: string, originals: ReadonlyMap<string, PlainFile>): string[] {
  const folder = join(backupFolderOf(root), `openclaw-${fileTime(new Date())}`);
  return [...originals].map(([name, { bytes }]) => {
    const path = join(folder, name);
    writePrivateFile(path, bytes);
    return path;
  });
}

/** @throws Refused if its user is gone: nobody is left whose rights reach the folder */
function userOf({ folder, user }: InstalledRecord): Account {
  return attempt(
    () => accountOf(user),
    ifError(UserError, ({ message }): never => {
      throw new Refused(folder, message, `a folder of ${user}`);
    }),
  );
}

function removeOwn(folder: UsersFolder, { kept }: Uninstallation): void {
  folder.removeDrafts();
  attempt(
    () => removeOwnFiles(folder),
    ifError(Refused, ({ path }) => void kept.push(path)),
  );
}

/** @returns the result for the file; undefined if it is already gone */
function release(
  folder: UsersFolder,
  name: JoinedName,
  { placed }: JoinedRecord,
  first: PlainFile | undefined,
): Exclude<keyof Uninstallation, "saved"> | undefined {
  try {
    const present = folder.read(name);
    if (!present) return undefined;
    const last = placed.find(({ sha256: hash }) => hash === sha256(present.bytes));
    if (last?.untouched || (first && present.bytes.equals(first.bytes)))
      return restore(folder, name, present, first);
    if (name === "openrouter.json5") backUp(folder, name, present.bytes);
    const declared = (last ?? placed.at(-1))?.declared ?? "";
    const path = join(folder.path, name);
    const rest = partFile(name, textOf(present, path), declared, first && textOf(first, path));
    if (rest === undefined) {
      folder.remove(name);
      return "removed";
    }
    folder.write(name, rest, present.mode);
    return "parted";
  } catch (error) {
    if (error instanceof UserError) return "kept";
    throw error;
  }
}

function restore(
  folder: UsersFolder,
  name: JoinedName,
  present: PlainFile,
  first: PlainFile | undefined,
): "removed" | "restored" {
  if (!first) folder.remove(name);
  else if (!present.bytes.equals(first.bytes) || present.mode !== first.mode)
    folder.write(name, first.bytes, first.mode);
  // The backups hold nothing but the restored content or managed parts.
  for (const backup of backupsOf(folder, name)) folder.remove(backup);
  return first ? "restored" : "removed";
}
