import { closeSync, constants, openSync, readSync } from "node:fs";
import { allowing } from "../attempt";

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY, O_RDONLY } = constants;

/**
 * Opens a handle to a name without any right to the file, without waiting for a pipe and without waking a device. Node does not
 * export this flag; it is the same on amd64 and arm64.
 */
const O_PATH = 0o10000000;

/** The path of an open handle's file, which stays valid if its names change. Node has no `openat`. */
export function through(handle: number): string {
  return `/proc/self/fd/${handle}`;
}

/** The path of a member of a folder, by the folder's handle. */
export function memberPath(folder: number, name: string): string {
  if (name === "" || name === "." || name === ".." || /[/\0]/.test(name))
    throw new Error("a member of a folder has a name without a slash");
  return `${through(folder)}/${name}`;
}

/** @param follow whether to follow a link at this path */
export function openFolder(path: string, follow: boolean): number {
  return openSync(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
}

/** @returns undefined if there is no such member */
export function withMember<T>(folder: number, name: string, work: (handle: number) => T): T | undefined {
  const handle = allowing("ENOENT", () => openSync(memberPath(folder, name), O_PATH | O_NOFOLLOW));
  if (handle === undefined) return undefined;
  return closing(handle, work);
}

/** Works with an open handle, and closes it. */
export function closing<T>(handle: number, work: (handle: number) => T): T {
  try {
    return work(handle);
  } finally {
    closeSync(handle);
  }
}

/** Opens the content of a handle from {@link withMember}. The caller has checked that it is a regular file. */
export function withContent<T>(handle: number, work: (handle: number) => T): T {
  return closing(openSync(through(handle), O_RDONLY | O_NONBLOCK | O_NOCTTY), work);
}

/** One piece of a file, in bytes: most have one, and room for the longest that is allowed would cost more than reading it. */
const pieceSize = 65_536;

/** @returns undefined if the content is longer than the limit, whatever size the file reports */
export function readWithin(handle: number, limit: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  let length = 0;
  while (length <= limit) {
    const piece = Buffer.allocUnsafe(Math.min(pieceSize, limit + 1 - length));
    const count = readSync(handle, piece, 0, piece.length, null);
    if (count === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, count));
    length += count;
  }
  return undefined;
}
