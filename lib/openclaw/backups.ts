import { fileTime } from "../core/time";
import type { UsersFolder } from "./folder/users-folder";

const keptBackups = 5;

/** Copies a file's content to a backup beside it, before a change. The newest five backups stay. */
export function backUp(folder: UsersFolder, name: string, bytes: Uint8Array): void {
  folder.write(`${name}.bak-${fileTime(new Date())}`, bytes, 0o600);
  for (const old of backupsOf(folder, name).slice(0, -keptBackups)) folder.remove(old);
}

/** The names of a file's backups, oldest first. */
export function backupsOf(folder: UsersFolder, name: string): string[] {
  const begin = `${name}.bak-`;
  return folder
    .list()
    .filter((other) => other.startsWith(begin) && /^\d{8}T\d{9}Z$/.test(other.slice(begin.length)))
    .sort();
}
