import { fstatSync } from "node:fs";
import { attempt } from "../../core/attempt";
import { firstEntries } from "../../core/files/entries";
import { closing, openFolder, readWithin, through, withContent, withMember } from "../../core/files/handle";
import { mostEntries, type PlacedFile } from "../../docker/home-files";
import { isPlain } from "./shortcuts";

/** The maximum length of a managed file on that volume, in bytes. */
const longest = 64 * 1024;

/**
 * Files of a volume from its folder on the host, without the engine's process for an archive, which took 1/6 of a drift check's
 * processor time. Only root can read there. A file that cannot be read is left out, and may still exist: then the engine tells.
 */
export function readVolumeFiles(folder: string, names: readonly string[]): Map<string, PlacedFile> {
  if (isPlain()) return new Map();
  return new Map(
    names.flatMap((name) => {
      const file = within(folder, (handle) => readMember(handle, name, name.split("/")));
      return file ? [[name, file] as const] : [];
    }),
  );
}

/** The names of the files and folders (with a `/`) at its top; undefined if it cannot be read. */
export function listVolumeFiles(folder: string): string[] | undefined {
  if (isPlain()) return undefined;
  return within(folder, (handle) => {
    return firstEntries(through(handle), mostEntries).map((entry) =>
      entry.isDirectory() ? `${entry.name}/` : entry.name,
    );
  });
}

/** Works in a folder. @returns undefined if something in it cannot be read */
function within<T>(folder: string, work: (handle: number) => T): T | undefined {
  return attempt(() => closing(openFolder(folder, true), work));
}

/** Opens the path part by part: the container's user may have replaced any part by a link to the host's files. */
function readMember(folder: number, name: string, [first = "", ...rest]: string[]): PlacedFile | undefined {
  return withMember(folder, first, (member) => {
    const entry = fstatSync(member);
    if (rest.length > 0) return entry.isDirectory() ? readMember(member, name, rest) : undefined;
    if (!entry.isFile()) return undefined;
    const content = withContent(member, (opened) => readWithin(opened, longest));
    return content && { name, content: content.toString("utf8"), mode: entry.mode & 0o777, uid: entry.uid };
  });
}
