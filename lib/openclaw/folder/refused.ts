import type { Stats } from "node:fs";
import { UserError } from "../../core/errors";
import type { Account } from "../../core/system/os-user";
import { quote } from "../../core/text";

/** The largest file, in bytes. A configuration of OpenClaw's has some kilobytes. */
export const largest = 1024 * 1024;

/** The error for an entry of OpenClaw's folder, or the folder itself, that this program does not touch. */
export class Refused extends UserError {
  /**
   * @param got the kind of entry, in a few words
   * @param entry its status, if it could be read
   */
  constructor(
    readonly path: string,
    readonly got: string,
    expected: string,
    readonly entry?: Stats,
    fix = `Inspect it with \`ls -ld ${quote(path)}\`, and move it away. Then run this again; for another user's OpenClaw set \`openclaw.user\`.`,
  ) {
    super({
      problem: `${path} is not a plain file or folder of this user, and is not touched.`,
      got,
      expected,
      fix,
    });
  }
}

/** @throws Refused for anything but a file of the user with one name (link) and at most 1 MiB */
export function requirePlainFile(path: string, entry: Stats, account: Account): void {
  const expected = `no file, or a plain file of ${account.name} (uid ${account.uid})`;
  if (entry.isSymbolicLink())
    throw new Refused(path, describe(entry), expected, entry, instead(path, account));
  if (!entry.isFile() || entry.nlink !== 1 || entry.uid !== account.uid)
    throw new Refused(path, describe(entry), expected, entry);
  if (entry.size > largest) throw tooLarge(path, entry);
}

/** Moving a link of somebody's dotfiles away would lose what it leads to. Root must not follow it. */
function instead(path: string, { name }: Account): string {
  const own = quote(path);
  return `As ${name} put the file in the link's place, since OpenClaw supports no link there either: cp --remove-destination "$(readlink -f ${own})" ${own}\nThen run this again.`;
}

/** @throws Refused for anything but a folder of the user */
export function requireFolder(path: string, entry: Stats, account: Account): void {
  if (entry.isDirectory() && entry.uid === account.uid) return;
  throw new Refused(path, describe(entry), folderExpected(account), entry);
}

export function tooLarge(path: string, entry: Stats): Refused {
  return new Refused(path, `a file of ${entry.size} bytes`, `at most ${largest} bytes`, entry);
}

/** Turns a system error, such as EACCES, into a {@link Refused}. */
export function notAllowed(path: string, error: unknown, account: Account): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error as Error;
  const fix = `Check the permissions of ${account.name}: ls -ld ${quote(path)}. Then run this again.`;
  return new Refused(path, code, `an entry that ${account.name} can use`, undefined, fix);
}

export function folderExpected({ name, uid }: Account): string {
  return `nothing, or a folder of ${name} (uid ${uid})`;
}

/** The kind of an entry, for a person. */
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
