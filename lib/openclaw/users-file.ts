import { closeSync, constants, fstatSync, openSync, realpathSync } from "node:fs";
import { readWithin } from "../core/files/handle";
import { type Account, actAs } from "../core/os-user";

const largest = 1024 * 1024;
const reading = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Reads a file outside OpenClaw's folder with a user's own rights. It decides nothing that this user could not decide anyway.
 * @returns undefined if there is no such plain file, it is too large, or that user cannot read it
 */
export function readAsUser(path: string, account: Account): string | undefined {
  return attempt(account, () => {
    const handle = openSync(path, reading);
    try {
      return fstatSync(handle).isFile() ? readWithin(handle, largest)?.toString("utf8") : undefined;
    } finally {
      closeSync(handle);
    }
  });
}

/** The path with its links resolved, as that user can reach it; undefined if the user cannot. */
export function realPathAsUser(path: string, account: Account): string | undefined {
  return attempt(account, () => realpathSync(path));
}

/** Runs a read with a user's rights; undefined if it fails. */
export function attempt<T>(account: Account, read: () => T): T | undefined {
  return actAs(account, () => {
    try {
      return read();
    } catch {
      return undefined;
    }
  });
}
