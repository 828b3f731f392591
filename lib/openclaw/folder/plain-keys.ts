import { closeSync, constants, fstatSync, openSync, read } from "node:fs";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import type { Account } from "../../core/system/os-user";
import { quote } from "../../core/text";
import { plainKey } from "../gateway/key";
import { attemptAs, entriesAsUser } from "./as-user";

const readAt = promisify(read);

/** The files that hold a full key of OpenRouter's. */
export interface KeySearch {
  /** Relative to the folder, if they are in it. */
  readonly files: readonly string[];
  /** Why not everything was searched. */
  readonly notSearched?: string;
}

interface SearchLimits {
  /** @default 200 MB */
  readonly bytes?: number;
  /** In milliseconds. @default 2000 */
  readonly time?: number;
  /** Of files and folders together. @default 20,000 */
  readonly entries?: number;
}

const chunkSize = 256 * 1024;
/** A key can begin in one chunk and end in the next. */
const overlap = 128;
const mark = Buffer.from("sk-or-v1-");
const reading = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/**
 * Searches a user's folder for plain keys: in every file, of whatever form, the shallow ones first. Opens each with the user's
 * rights, follows no link, and reads in pieces, so that other work goes on.
 */
export async function searchPlainKeys(
  folder: string,
  account: Account,
  { bytes = 200_000_000, time = 2000, entries = 20_000 }: SearchLimits = {},
): Promise<KeySearch> {
  const end = performance.now() + time;
  const buffer = Buffer.allocUnsafe(chunkSize + overlap);
  const files: string[] = [];
  const folders = [folder];
  let [left, rest] = [bytes, entries];
  for (let next = folders.shift(); next !== undefined; next = folders.shift()) {
    // One more than it takes, to tell that there are more.
    const names = entriesAsUser(next, account, rest + 1);
    rest -= names.length;
    folders.push(...names.filter((entry) => entry.isDirectory()).map(({ name }) => join(next, name)));
    for (const entry of names.filter((each) => each.isFile())) {
      const path = join(next, entry.name);
      const handle = opened(path, account);
      if (handle === undefined) continue;
      try {
        const outcome = await search(handle, buffer, left, end);
        if (outcome.found) files.push(relative(folder, path));
        left -= outcome.read;
      } finally {
        closeSync(handle);
      }
      const reason = exceeded(left, end, bytes, time);
      if (reason) return { files, notSearched: reason };
    }
    if (rest < 0) return { files, notSearched: `there are more than ${entries} files` };
  }
  return { files };
}

/**
 * How a person removes a plain key from a file. What OpenClaw deletes from its database stays in the file's free space until the
 * database is rewritten.
 */
export function keyRemoval(path: string): string {
  const [database] = /^.*\.sqlite(?=(-wal|-shm)?$)/.exec(path) ?? [];
  if (database === undefined) return `Remove it from ${path}`;
  return `Remove it by OpenClaw (openclaw models auth list, openclaw models auth logout ID), stop the gateway, and clear what stays in the file: sqlite3 ${quote(database)} VACUUM`;
}

function exceeded(left: number, end: number, bytes: number, time: number): string | undefined {
  if (left <= 0) return `there are more than ${Math.round(bytes / 1_000_000)} MB`;
  return performance.now() > end ? `it takes more than ${time / 1000} s` : undefined;
}

/** A handle to a plain file; undefined if it went away, or the user cannot open it. */
function opened(path: string, account: Account): number | undefined {
  return attemptAs(account, () => {
    const handle = openSync(path, reading);
    if (fstatSync(handle).isFile()) return handle;
    closeSync(handle);
    return undefined;
  });
}

async function search(
  handle: number,
  buffer: Buffer,
  limit: number,
  end: number,
): Promise<{ readonly found: boolean; readonly read: number }> {
  let [total, kept] = [0, 0];
  while (total < limit && performance.now() <= end) {
    const { bytesRead } = await readAt(handle, buffer, kept, chunkSize, null);
    if (bytesRead === 0) break;
    total += bytesRead;
    const filled = buffer.subarray(0, kept + bytesRead);
    if (holdsKey(filled)) return { found: true, read: total };
    kept = Math.min(overlap, filled.length);
    filled.copy(buffer, 0, filled.length - kept);
  }
  return { found: false, read: total };
}

function holdsKey(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(mark); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    if (plainKey.test(bytes.toString("latin1", at, at + overlap))) return true;
  }
  return false;
}
