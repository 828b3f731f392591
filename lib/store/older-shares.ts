import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { type BackupRecord, readBackups } from "./records/backup-record";

/** Shares that now open only backups. */
export interface OlderShares {
  readonly generation: number;
  readonly path: string;
  /** The backups that need them, including backups whose file is no longer on this host: it may have been moved off. */
  readonly backups: readonly BackupRecord[];
}

/** The older generations in the instance directory. */
export function olderShares(home: HomePaths): OlderShares[] {
  if (!existsSync(home.sharesForBackups)) return [];
  return readdirSync(home.sharesForBackups)
    .flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((generation) => ({
      generation,
      path: fileOf(home, generation),
      backups: backupsThatNeed(home, generation),
    }));
}

/** The backups that shares of a generation open, and the backups of unknown generation. */
export function backupsThatNeed(home: HomePaths, generation: number): BackupRecord[] {
  return readBackups(home).filter((backup) => (backup.generation ?? generation) === generation);
}

/** Keeps the shares that a newer generation replaced, if a backup needs them. @returns whether one does */
export function keepForBackups(home: HomePaths, shares: { readonly generation: number }): boolean {
  if (backupsThatNeed(home, shares.generation).length === 0) return false;
  writeJson(fileOf(home, shares.generation), shares);
  return true;
}

/** Removes the older generations that no backup needs. @returns the ones that are kept */
export function dropUnneeded(home: HomePaths): OlderShares[] {
  const all = olderShares(home);
  const unneeded = all.filter(({ backups }) => backups.length === 0);
  for (const { path } of unneeded) rmSync(path);
  if (unneeded.length > 0) syncFolder(home.sharesForBackups);
  return all.filter(({ backups }) => backups.length > 0);
}

function fileOf(home: HomePaths, generation: number): string {
  return join(home.sharesForBackups, `${generation}.json`);
}
