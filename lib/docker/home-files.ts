import { Readable } from "node:stream";
import { extract, type Header, pack } from "tar-stream";
import { longest } from "../core/bounded";
import { type EngineApi, EngineError } from "./engine-api";

/** The user and group of Vault in its image. */
export const vaultUser = { uid: 100, gid: 1000 };
export const vaultUserName = `${vaultUser.uid}:${vaultUser.gid}`;

/** The mount point of the home volume. */
export const homeFolder = "/home/vault";

/** Writes files into the home volume of a container. See {@link writeFiles}. */
export function writeHomeFiles(
  engine: EngineApi,
  container: string,
  files: readonly HomeFile[],
): Promise<void> {
  return writeFiles(engine, container, homeFolder, files);
}

/**
 * Writes files that belong to Vault's user into a folder of a container, running or not. With a read-only root file system only
 * the archive call can write files to its volumes, with their owner. A name that ends in `/` is a folder; an existing one gets
 * owner and mode.
 */
export async function writeFiles(
  engine: EngineApi,
  container: string,
  folder: string,
  files: readonly HomeFile[],
): Promise<void> {
  const archive = pack();
  for (const { name, content, mode, uid = vaultUser.uid } of files) {
    const type = name.endsWith("/") ? "directory" : "file";
    archive.entry({ name, type, mode, mtime: new Date(0), ...vaultUser, uid }, content);
  }
  archive.finalize();
  await engine.call("PUT", `/containers/${encodeURIComponent(container)}/archive?path=${folder}`, {
    body: Readable.from(archive),
    headers: { "Content-Type": "application/x-tar" },
  });
}

/** A file on the container's home volume, with its mode. */
export interface HomeFile {
  readonly name: string;
  readonly content: string;
  readonly mode: number;
  /** @default Vault's user */
  readonly uid?: number;
}

export type PlacedFile = HomeFile & { readonly uid: number };

/** A file on the home volume of a container, running or not; undefined if it is missing. */
export async function readHomeFile(
  engine: EngineApi,
  container: string,
  name: string,
): Promise<PlacedFile | undefined> {
  for await (const { header, content } of readArchive(engine, container, `${homeFolder}/${name}`))
    return placed(name, header, await content());
  return undefined;
}

/** The most entries of the home volume that are listed, and its longest archive in bytes: Vault's user can fill it without an end. */
export const mostEntries = 200;
const longestArchive = 16 * 2 ** 20;

/**
 * Several files of the home volume at once, by name; missing ones are left out. The engine starts a process for each archive:
 * one call for each file would take longer than all other calls. So only what an archive that is too long holds later is read alone.
 */
export async function readHomeFiles(
  engine: EngineApi,
  container: string,
  names: readonly string[],
): Promise<Map<string, PlacedFile>> {
  const files = new Map<string, PlacedFile>();
  let length = 0;
  for await (const { header, content } of readArchive(engine, container, homeFolder)) {
    length += header.size ?? 0;
    if (length > longestArchive) break;
    const name = header.name.slice(header.name.indexOf("/") + 1);
    if (names.includes(name)) files.set(name, placed(name, header, await content()));
  }
  if (length <= longestArchive) return files;
  for (const name of names.filter((each) => !files.has(each))) {
    const file = await readHomeFile(engine, container, name);
    if (file) files.set(name, file);
  }
  return files;
}

/** The names of the files and folders (with a `/`) at the top of the home volume of a container, running or not. */
export async function listHomeFiles(engine: EngineApi, container: string): Promise<string[]> {
  const names = new Set<string>();
  let length = 0;
  for await (const { header } of readArchive(engine, container, homeFolder)) {
    const [, first, ...rest] = header.name.split("/");
    if (first) names.add(rest.length > 0 || header.type === "directory" ? `${first}/` : first);
    length += header.size ?? 0;
    if (names.size >= mostEntries || length > longestArchive) break;
  }
  return [...names];
}

/** The permissions, owner and group of a path. */
export type PathAccess = Pick<PlacedFile, "mode" | "uid"> & { readonly gid: number };

/** Those of a path in a container, running or not, as the container has them; undefined if it is missing. */
export async function readAccess(
  engine: EngineApi,
  container: string,
  path: string,
): Promise<PathAccess | undefined> {
  for await (const { header } of readArchive(engine, container, path))
    return { ...placed(path, header, ""), gid: header.gid ?? 0 };
  return undefined;
}

interface ArchiveEntry {
  readonly header: Header;
  readonly content: () => Promise<string>;
}

/** The files at a path of a container; none if the path does not exist. */
async function* readArchive(
  engine: EngineApi,
  container: string,
  path: string,
): AsyncGenerator<ArchiveEntry> {
  const archive = extract();
  let answer: Readable | undefined;
  try {
    const call = `/containers/${encodeURIComponent(container)}/archive?path=${path}`;
    answer = await engine.stream("GET", call);
    for await (const entry of answer.pipe(archive)) {
      yield { header: entry.header, content: () => beginningOf(entry) };
      entry.resume();
    }
  } catch (error) {
    if (!(error instanceof EngineError && error.status === 404)) throw error;
  } finally {
    answer?.destroy();
  }
}

/** The content of a file, without what is beyond 1 MiB: no placed file is so long, and Vault's user can write one of any length. */
async function beginningOf(entry: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    if (length < longest.answer) chunks.push(chunk.subarray(0, longest.answer - length));
    length += chunk.length;
    if (length > longestArchive) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

function placed(
  name: string,
  { mode = 0, uid = 0 }: Pick<Header, "mode" | "uid">,
  content: string,
): PlacedFile {
  return { name, content, mode: mode & 0o777, uid };
}
