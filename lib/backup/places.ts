import { existsSync, readdirSync, readlinkSync, realpathSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { mountPointOf } from "../core/files/mount-point";
import { nearestExisting } from "../core/files/trusted-path";
import { quote } from "../core/text";
import { minuteOf } from "../core/time";
import { backupFolderOf } from "../model/home-paths";
import { instanceHome } from "../store/home";
import { type BackupRecord, presentAmong } from "../store/records/backup-record";

/** The default backup folder, if it has files; else undefined. */
export function backupsLeft(instance: string): string | undefined {
  const folder = backupFolderOf(instanceHome(instance));
  return existsSync(folder) && readdirSync(folder).length > 0 ? folder : undefined;
}

/**
 * The file that a backup is written to.
 * @param out `--out`: a file, or a folder that exists or ends in `/`. @default the instance's {@link backupFolderOf}
 * @throws UserError (wrong usage) if `--out` names a file that exists
 */
export function backupFile(instance: string, out: string | undefined, now = new Date()): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = `${instance}-${time}.tar`;
  const target = resolve(out ?? backupFolderOf(instanceHome(instance)));
  const isFolder =
    out === undefined || out.endsWith("/") || (existsSync(target) && statSync(target).isDirectory());
  const file = isFolder ? join(target, name) : target;
  if (!existsSync(file)) return file;
  // The previous run ended within the same second: the next one names this backup.
  if (isFolder) return backupFile(instance, out, new Date(now.getTime() + 1000));
  throw new UserError({
    problem: `${file} exists, and a backup overwrites no file.`,
    fix: "Set --out to another file, or to a folder: then instance and time name the file.",
    exitCode: ExitCode.WrongUsage,
  });
}

/**
 * Requires that the file system is mounted on which the earlier backups of a folder are: without it the folder is an empty one of
 * another disk, often the one that is backed up, or is made there.
 * @param recorded the instance's backups
 * @throws UserError if it is not mounted
 */
export function requireMounted(file: string, recorded: readonly BackupRecord[]): void {
  const folder = dirname(file);
  const earlier = recorded.filter((backup) => dirname(backup.file) === folder);
  const last = earlier.findLast(({ mount }) => mount !== undefined);
  if (last?.mount === undefined || presentAmong(earlier).length > 0) return;
  const now = mountPointOf(nearestExisting(last.mount));
  // A link can lead to another disk since.
  if (now === last.mount || !`${leadsTo(folder)}/`.startsWith(`${last.mount}/`)) return;
  throw new UserError({
    problem: `The file system of the backups in ${folder} is not mounted. No backup was made.`,
    got: `nothing mounted at ${last.mount}: the backup would be on the disk of ${now}`,
    expected: `the disk of the backup of ${minuteOf(last.created)}`,
    fix: `Mount it: mount ${quote(last.mount)}\nThen run this again. To make backups elsewhere from now on, name another folder with --out.`,
  });
}

/** Where a path leads, as far as its links tell: a part of it need not exist. */
function leadsTo(path: string, linksLeft = 40): string {
  if (existsSync(path)) return realpathSync(path);
  const link = linksLeft > 0 ? attempt(() => readlinkSync(path)) : undefined;
  return link === undefined
    ? join(leadsTo(dirname(path), linksLeft), basename(path))
    : leadsTo(resolve(dirname(path), link), linksLeft - 1);
}

/** What an unfinished backup of an instance is written to, beside its file. Two instances can share a folder, on two hosts too. */
export function backupDraft(file: string, instanceId: string): string {
  return `${file}.${instanceId}.draft`;
}

/** Removes what the killed runs of an instance left beside its backups, if it can: what stays is in no backup's way. */
export function removeDrafts(file: string, instanceId: string): void {
  const folder = dirname(file);
  const left = readdirSync(folder).filter((name) => name.endsWith(`.${instanceId}.draft`));
  for (const name of left) attempt(() => rmSync(join(folder, name)));
}
