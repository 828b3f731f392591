import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { validName } from "../model/instance-name";
import { homesRoot } from "../store/home";

/**
 * Where backups lie by default, a folder for each instance. Not in the instance's home: `destroy --purge` removes that.
 */
export function backupFolder(instance: string): string {
  return join(`${homesRoot()}-backups`, validName(instance));
}

/** The same, where there is anything in it. */
export function backupsLeft(instance: string): string | undefined {
  const folder = backupFolder(instance);
  return existsSync(folder) && readdirSync(folder).length > 0 ? folder : undefined;
}

/**
 * The file that a backup is written to.
 * @param out `--out`: a file, or a folder that is there or ends in `/`. @default the instance's {@link backupFolder}
 * @throws UserError (wrong usage) where that file is there already
 */
export function backupFile(instance: string, out: string | undefined, now = new Date()): string {
  const time = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const name = `${instance}-${time}.tar`;
  const target = resolve(out ?? backupFolder(instance));
  const isFolder =
    out === undefined || out.endsWith("/") || (existsSync(target) && statSync(target).isDirectory());
  const file = isFolder ? join(target, name) : target;
  if (!existsSync(file)) return file;
  throw new UserError({
    problem: `${file} is there already, and no file is overwritten by a backup.`,
    fix: "Name another one by --out, or a folder: the file is named by instance and time then.",
    exitCode: ExitCode.WrongUsage,
  });
}
