import { existsSync } from "node:fs";
import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

const backupRecord = z.object({
  /** An absolute path. */
  file: z.string(),
  created: z.iso.datetime(),
  /** The checksum of the whole file. */
  sha256: z.string(),
  clusterId: z.string(),
  /** The seal type, as Vault names it: `shamir`, `transit`, `awskms`, … */
  seal: z.string(),
  /** The generation of the shares that open the backup; missing if it was not known. */
  generation: z.int().min(1).exactOptional(),
  /** The folder at which the file system of the file was mounted. */
  mount: z.string().exactOptional(),
});

/** A backup of an instance, as the instance records it. */
export type BackupRecord = z.output<typeof backupRecord>;

const file = defineRecord("backups", z.object({ backups: z.array(backupRecord) }));

/** The recorded backups, the oldest first. Their files may be missing. */
export function readBackups(home: HomePaths): BackupRecord[] {
  return file.read(home)?.backups ?? [];
}

/** Those whose files are there. Of several with one path the newest: the files of the others were moved away since. */
export function presentAmong(backups: readonly BackupRecord[]): BackupRecord[] {
  const newest = new Map(backups.map((backup) => [backup.file, backup]));
  return backups.filter((backup) => newest.get(backup.file) === backup && existsSync(backup.file));
}

export function writeBackups(home: HomePaths, backups: readonly BackupRecord[]): void {
  file.write(home, { backups: [...backups] });
}
