import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { HomePaths } from "../model/home-paths";
import { presentAmong, readBackups, writeBackups } from "../store/records/backup-record";
import { replacingRecord } from "../store/records/replacing-record";

/**
 * Removes all but the newest recorded backups of an instance in one folder, and no other files. What an unfinished restore or rebuild
 * reads when it is resumed stays: often the oldest one, which is what a restore is for.
 * @returns the removed files
 */
export function keepNewest(home: HomePaths, folder: string, keep: number): string[] {
  const known = readBackups(home);
  const here = presentAmong(known).filter(({ file }) => dirname(file) === folder);
  const { backup, before } = replacingRecord.read(home) ?? {};
  const old = here.slice(0, Math.max(0, here.length - keep));
  const removed = old.filter(({ file }) => file !== backup && file !== before);
  for (const { file } of removed) rmSync(file, { force: true });
  writeBackups(
    home,
    known.filter((backup) => !removed.includes(backup)),
  );
  return removed.map(({ file }) => file);
}
