import type { Stats } from "node:fs";
import { UserError } from "../../core/errors";
import type { Account } from "../../core/os-user";

/** A configuration of OpenClaw's has some kilobytes. */
export const largest = 1024 * 1024;

/** Something in OpenClaw's folder, or the folder itself, that is not touched. */
export class Refused extends UserError {
  /**
   * @param got what it is, in a few words
   * @param entry what it is, as far as it could be seen
   */
  constructor(
    readonly path: string,
    readonly got: string,
    expected: string,
    readonly entry?: Stats,
    fix = `See what it is, and move it away: ls -ld ${path}. Then run this again; for another user's OpenClaw set \`openclaw.user\`.`,
  ) {
    super({
      problem: `${path} is not a plain one of this user's, and is not touched.`,
      got,
      expected,
      fix,
    });
  }
}

/** @throws Refused for anything but a file of the user's with one name and a size that a configuration has */
export function requirePlainFile(path: string, entry: Stats, account: Account): void {
  const expected = `no file, or a plain file of ${account.name} (uid ${account.uid})`;
  if (!entry.isFile() || entry.nlink !== 1 || entry.uid !== account.uid)
    throw new Refused(path, describe(entry), expected, entry);
  if (entry.size > largest) throw tooLarge(path, entry);
}

/** @throws Refused for anything but a folder of the user's */
export function requireFolder(path: string, entry: Stats, account: Account): void {
  if (entry.isDirectory() && entry.uid === account.uid) return;
  throw new Refused(path, describe(entry), folderExpected(account), entry);
}

export function tooLarge(path: string, entry: Stats): Refused {
  return new Refused(path, `a file of ${entry.size} bytes`, `at most ${largest} bytes`, entry);
}

/** What the system does not let this user do there. */
export function notAllowed(path: string, error: unknown, account: Account): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error as Error;
  const fix = `See why ${account.name} may not use it: ls -ld ${path}. Then run this again.`;
  return new Refused(path, code, `something that ${account.name} may use`, undefined, fix);
}

export function folderExpected({ name, uid }: Account): string {
  return `nothing, or a folder of ${name} (uid ${uid})`;
}

/** What something is, for a person. */
export function describe(entry: Stats): string {
  if (entry.isSymbolicLink()) return "a symbolic link";
  if (entry.isDirectory()) return `a folder of uid ${entry.uid}`;
  if (entry.isFIFO()) return "a named pipe";
  if (entry.isSocket()) return "a socket";
  if (!entry.isFile()) return "a device";
  return entry.nlink === 1
    ? `a file of uid ${entry.uid}`
    : `a file of uid ${entry.uid} with ${entry.nlink} names`;
}
