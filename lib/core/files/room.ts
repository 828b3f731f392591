import { statfsSync } from "node:fs";
import { lstat } from "node:fs/promises";
import { attempt } from "../attempt";
import { UserError } from "../errors";
import { quote } from "../text";
import { listTree } from "./tree";

/** The space that stays free for others on the disk, in bytes. */
const reserve = 64 * 2 ** 20;

/**
 * Checks that a disk has room before it is written to.
 * @param folder a folder on that disk; if its free space cannot be read, the check passes
 * @throws UserError if there is too little
 */
export function requireRoom(folder: string, bytes: number, what: string): void {
  const room = roomIn(folder);
  if (room === undefined || room >= bytes + reserve) return;
  throw tooLittle(folder, room, bytes, `The disk has no room for ${what}. Nothing was changed.`);
}

/** The number of bytes between two checks of {@link withinRoom}. */
const stride = 16 * 2 ** 20;

/**
 * Passes on a stream of unknown length while it stays within the limit and the target disk keeps its reserve.
 * @throws UserError that ends the stream
 */
export async function* withinRoom(
  stream: AsyncIterable<Uint8Array>,
  { folder, limit, what }: { readonly folder: string; readonly limit: number; readonly what: string },
): AsyncGenerator<Uint8Array> {
  let length = 0;
  let looked = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit)
      throw new UserError({
        problem: `${what} does not end.`,
        got: `more than ${megabytes(limit)} MB`,
        expected: `${megabytes(limit)} MB at most`,
      });
    if (length - looked >= stride) {
      looked = length;
      const room = roomIn(folder);
      if (room !== undefined && room < reserve)
        throw tooLittle(folder, room, 0, `The disk has no room for the rest of ${what}.`);
    }
    yield chunk;
  }
}

/** The total size of some folders and their content, in bytes. */
export async function sizeOf(folders: readonly string[]): Promise<number> {
  const trees = await Promise.all(folders.map(listTree));
  const sizes = trees.flat().map(async ({ path }) => (await lstat(path)).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function tooLittle(folder: string, room: number, bytes: number, problem: string): UserError {
  return new UserError({
    problem,
    got: `${megabytes(room)} MB free at ${folder}`,
    expected: `${megabytes(bytes + reserve)} MB`,
    fix: `Free some space; see what fills the disk: df -h ${quote(folder)}`,
  });
}

/** The free bytes on a folder's disk; undefined if they cannot be read. */
export function roomIn(folder: string): number | undefined {
  const disk = attempt(() => statfsSync(folder));
  return disk && disk.bavail * disk.bsize;
}

/** The files that a folder's disk still takes; undefined if that is not known, or limited by its bytes alone. */
export function filesLeftIn(folder: string): number | undefined {
  const disk = attempt(() => statfsSync(folder));
  return disk && disk.files > 0 ? disk.ffree : undefined;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
