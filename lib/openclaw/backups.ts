import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { writePrivateFile } from "../instance/files";

const keptBackups = 5;

/** Keeps what a file holds before it is changed, beside it; of several such backups the newest five stay. */
export function backUp(path: string, bytes: Uint8Array, now = new Date()): void {
  const time = now.toISOString().replace(/[-:.]/g, "");
  writePrivateFile(`${path}.bak-${time}`, bytes);
  for (const old of backupsOf(path).slice(0, -keptBackups)) rmSync(old);
}

/** The backups of a file, the oldest first. */
export function backupsOf(path: string): string[] {
  const begin = `${basename(path)}.bak-`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(begin) && /^\d{8}T\d{9}Z$/.test(name.slice(begin.length)))
    .sort()
    .map((name) => join(dirname(path), name));
}
