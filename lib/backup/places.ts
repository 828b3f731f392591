import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { validName } from "../model/instance-name";
import { homesRoot } from "../store/home";

/** The default backup folder of an instance. It is outside of the instance directory, which `destroy --purge` removes. */
function backupFolder(instance: string): string {
  return join(`${homesRoot()}-backups`, validName(instance));
}

/** The default backup folder, if it has files; else undefined. */
export function backupsLeft(instance: string): string | undefined {
  const folder = backupFolder(instance);
  return existsSync(folder) && readdirSync(folder).length > 0 ? folder : undefined;
}

/**
 * The file that a backup is written to.
 * @param out `--out`: a file, or a folder that exists or ends in `/`. @default the instance's {@link backupFolder}
 * @throws UserError (wrong usage) if `--out` names a file that exists
 */
export function backupFile(instance: string, out: string | undefined, now = new Date()): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = `${instance}-${time}.tar`;
  const target = resolve(out ?? backupFolder(instance));
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

/** What an unfinished backup is written to, beside its file. */
interface BackupDrafts {
  readonly snapshot: string;
  readonly archive: string;
}

/** The drafts of one instance, which makes one backup at a time. Two instances can share a folder, on two hosts too. */
export function backupDrafts(file: string, instanceId: string): BackupDrafts {
  return { snapshot: `${file}.${instanceId}.snap`, archive: `${file}.${instanceId}.draft` };
}

/** Removes what the killed runs of an instance left beside its backups, if it can: what stays is in no backup's way. */
export function removeDrafts(file: string, instanceId: string): void {
  const folder = dirname(file);
  const left = readdirSync(folder).filter(
    (name) => name.endsWith(`.${instanceId}.snap`) || name.endsWith(`.${instanceId}.draft`),
  );
  for (const name of left) attempt(() => rmSync(join(folder, name)));
}
