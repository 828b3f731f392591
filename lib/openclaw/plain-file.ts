import { lstatSync, readFileSync, type Stats, statSync } from "node:fs";
import { UserError } from "../errors";
import type { Account } from "../host/account";

/** A file as it lies in OpenClaw's folder. */
export interface PlainFile {
  readonly bytes: Buffer;
  /** Its permissions. */
  readonly mode: number;
}

/**
 * Reads a plain file of the user's.
 * @returns undefined where nothing is
 * @throws UserError for a link, a folder, a file with a second name or of another user: it is neither followed nor taken over
 */
export function readPlainFile(path: string, account: Account): PlainFile | undefined {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry) return undefined;
  if (entry.isFile() && entry.nlink === 1 && entry.uid === account.uid)
    return { bytes: readFileSync(path), mode: entry.mode & 0o777 };
  throw refused(path, describe(entry), `no file, or a plain file of ${account.name} (uid ${account.uid})`);
}

/** The file's text. @throws UserError where it is not UTF-8: written back, it would be another */
export function textOf({ bytes }: PlainFile): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UserError({ problem: "A file of OpenClaw's is not text in UTF-8, and is not touched." });
  }
}

/** @throws UserError where something else than a folder of the user's is there */
export function assertOwnFolder(path: string, account: Account): void {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (!entry || (entry.isDirectory() && entry.uid === account.uid)) return;
  throw refused(path, describe(entry), `nothing, or a folder of ${account.name} (uid ${account.uid})`);
}

/** @throws UserError where OpenClaw's folder is another user's; a link to one of the user's own is followed */
export function assertUsersFolder(path: string, account: Account): void {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry || (entry.isDirectory() && entry.uid === account.uid)) return;
  throw refused(path, describe(entry), `nothing, or a folder of ${account.name} (uid ${account.uid})`);
}

function refused(path: string, got: string, expected: string): UserError {
  return new UserError({
    problem: `${path} is not a plain one of this user's, and is not touched.`,
    got,
    expected,
    remedy: "Move it away, then run this again; for another user's OpenClaw set `openclaw.user`.",
  });
}

function describe(entry: Stats): string {
  if (entry.isSymbolicLink()) return "a symbolic link";
  if (entry.isDirectory()) return `a folder of uid ${entry.uid}`;
  if (!entry.isFile()) return "something that is neither file nor folder";
  return entry.nlink === 1
    ? `a file of uid ${entry.uid}`
    : `a file of uid ${entry.uid} with ${entry.nlink} names`;
}
