import { statfsSync } from "node:fs";
import { UserError } from "../errors";

/** What is left for everybody else on the disk, in bytes. */
const reserve = 64 * 2 ** 20;

/**
 * Sees that a disk has room, before it is filled.
 * @param folder on that disk. One that cannot be looked at is not judged
 * @throws UserError if there is too little
 */
export function requireRoom(folder: string, bytes: number, what: string): void {
  const room = roomIn(folder);
  if (room === undefined || room >= bytes + reserve) return;
  throw new UserError({
    problem: `The disk has no room for ${what}. Nothing was changed.`,
    got: `${megabytes(room)} MB free at ${folder}`,
    expected: `${megabytes(bytes + reserve)} MB`,
    remedy: `See what fills it: df -h ${folder}`,
  });
}

function roomIn(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
