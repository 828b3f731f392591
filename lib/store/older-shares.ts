import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { readJsonIfThere, syncFolder, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";
import { type BackupRecord, readBackups } from "./records/backup-record";

/** Shares that now open only backups. */
export interface OlderShares {
  readonly generation: number;
  readonly path: string;
  /** The backups that need them, including backups whose file is no longer on this host: it may have been moved off. */
  readonly backups: readonly BackupRecord[];
}

/** Shares with their generation. */
interface Generation {
  readonly generation: number;
  readonly shares: readonly string[];
}

/** `1.json`; of other shares with the same number `1-<time>.json`. */
const fileName = /^(\d+)(?:-\d+)?\.json$/;

const kept = z.looseObject({ shares: z.array(z.string()) });

/** The older generations in the instance directory. */
export function olderShares(home: HomePaths): OlderShares[] {
  if (!existsSync(home.sharesForBackups)) return [];
  return readdirSync(home.sharesForBackups)
    .flatMap((name) => {
      const [, number] = fileName.exec(name) ?? [];
      return number === undefined ? [] : { generation: Number(number), name };
    })
    .sort((a, b) => a.generation - b.generation)
    .map(({ generation, name }) => ({
      generation,
      path: join(home.sharesForBackups, name),
      backups: backupsThatNeed(home, generation),
    }));
}

/** The highest generation that was made for this instance, as far as its shares and backups tell. @param active the active one */
export function newestGeneration(home: HomePaths, active: number): number {
  const others = [...olderShares(home), ...readBackups(home)].map(({ generation = 0 }) => generation);
  return Math.max(active, ...others);
}

/** The backups that shares of a generation open, and the backups of unknown generation. */
export function backupsThatNeed(home: HomePaths, generation: number): BackupRecord[] {
  return readBackups(home).filter((backup) => (backup.generation ?? generation) === generation);
}

/** Keeps the shares that a newer generation replaced, if a backup needs them. @returns whether one does */
export function keepForBackups(home: HomePaths, shares: Generation): boolean {
  if (backupsThatNeed(home, shares.generation).length === 0) return false;
  keepOlder(home, shares);
  return true;
}

/** Keeps shares that others replaced, and overwrites none: a restore of another Vault's backup brings the same numbers. */
export function keepOlder(home: HomePaths, shares: Generation): void {
  const same = olderShares(home).filter(({ generation }) => generation === shares.generation);
  const isKept = ({ path }: OlderShares) =>
    attempt(() => readJsonIfThere(path, kept))?.shares.join() === shares.shares.join();
  if (same.some(isKept)) return;
  const name = `${shares.generation}${same.length > 0 ? `-${Date.now()}` : ""}.json`;
  writeJson(join(home.sharesForBackups, name), shares);
}

/** Removes the older generations that no backup needs. @returns the ones that are kept */
export function dropUnneeded(home: HomePaths): OlderShares[] {
  const all = olderShares(home);
  const unneeded = all.filter(({ backups }) => backups.length === 0);
  for (const { path } of unneeded) rmSync(path);
  if (unneeded.length > 0) syncFolder(home.sharesForBackups);
  return all.filter(({ backups }) => backups.length > 0);
}
