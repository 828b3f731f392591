import {
  constants,
  type Dirent,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../../core/attempt";
import { firstEntries } from "../../core/files/entries";
import { closing, readWithin } from "../../core/files/handle";
import { removeLeftOvers, temporaryName } from "../../core/files/temporary-folder";
import { type Account, actAs } from "../../core/system/os-user";

const largest = 1024 * 1024;
/** Of a folder in which this program looks for names that it knows. */
const mostNames = 1000;
const reading = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads a file outside OpenClaw's folder with a user's own rights. It decides nothing that this user could not decide anyway.
 * @returns undefined if there is no such plain file, it is too large, or that user cannot read it
 */
export function readAsUser(path: string, account: Account): string | undefined {
  return attemptAs(account, () =>
    closing(openSync(path, reading), (handle) =>
      fstatSync(handle).isFile() ? readWithin(handle, largest)?.toString("utf8") : undefined,
    ),
  );
}

/** The path with its links resolved, as that user can reach it; undefined if the user cannot. */
export function realPathAsUser(path: string, account: Account): string | undefined {
  return attemptAs(account, () => realpathSync(path));
}

/** The entries of a folder up to a limit, as that user can list it; none if the user cannot. */
export function entriesAsUser(path: string, account: Account, most: number): Dirent[] {
  return attemptAs(account, () => firstEntries(path, most)) ?? [];
}

/** The names in a folder, as that user can list it; none if the user cannot. Of more than 1000 the first that are found. */
export function listAsUser(path: string, account: Account): string[] {
  return entriesAsUser(path, account, mostNames).map(({ name }) => name);
}

/** Whether that user can see that there is something at a path. */
export function existsAsUser(path: string, account: Account): boolean {
  return attemptAs(account, () => existsSync(path)) ?? false;
}

/**
 * Runs work with a new temporary folder of that user's, and removes it afterwards with the user's rights, as what killed runs left.
 */
export async function withUsersTemporaryFolder<T>(
  account: Account,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  removeLeftOvers([tmpdir(), "/tmp"], account.uid, (work) => actAs(account, work));
  const make = (parent: string) => mkdtempSync(join(parent, temporaryName("ask")));
  // The temporary folder of this process can be out of that user's reach.
  const folder = attemptAs(account, () => make(tmpdir())) ?? actAs(account, () => make("/tmp"));
  try {
    return await work(folder);
  } finally {
    actAs(account, () => rmSync(folder, { recursive: true, force: true }));
  }
}

/** Runs a read with a user's rights; undefined if it fails. */
export function attemptAs<T>(account: Account, read: () => T): T | undefined {
  return actAs(account, () => attempt(read));
}
