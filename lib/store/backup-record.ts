import { existsSync } from "node:fs";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

const backupRecord = z.object({
  /** An absolute path. */
  file: z.string(),
  created: z.iso.datetime(),
  /** Of the whole file. */
  sha256: z.string(),
  clusterId: z.string(),
  /** As Vault names it: `shamir`, `transit`, `awskms`, … */
  seal: z.string(),
  /** Of the shares that open what is in it; missing where that was not known. */
  generation: z.int().min(1).exactOptional(),
});

/** A backup that was made of an instance, as far as the instance must know of it. */
export type BackupRecord = z.output<typeof backupRecord>;

const backupRecords = z.object({ backups: z.array(backupRecord) });

/** The backups that were made, the oldest first; whether their files are still there is not checked. */
export function readBackups(home: HomePaths): BackupRecord[] {
  return readJsonIfThere(home.backups, backupRecords)?.backups ?? [];
}

export function writeBackups(home: HomePaths, backups: readonly BackupRecord[]): void {
  writeJson(home.backups, { backups });
}

/** The backups that are there and that only shares of this generation open. */
export function backupsOfGeneration(home: HomePaths, generation: number): BackupRecord[] {
  return readBackups(home).filter((backup) => backup.generation === generation && existsSync(backup.file));
}
