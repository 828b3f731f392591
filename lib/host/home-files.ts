import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { extract, pack } from "tar-stream";
import type { HomeFile } from "../vault/token-helper";
import { type EngineApi, EngineError } from "./engine-api";

/** User and group of Vault in its image. */
export const vaultUser = { uid: 100, gid: 1000 };
export const vaultUserName = `${vaultUser.uid}:${vaultUser.gid}`;

/** Where the second volume is mounted. */
export const homeFolder = "/home/vault";

/**
 * Writes files into the home volume of a container, running or not. A root file system that is read-only takes files on
 * its volumes only through the archive call, with their owner set. A name that ends in `/` is a folder.
 */
export async function writeHomeFiles(
  engine: EngineApi,
  container: string,
  files: readonly HomeFile[],
): Promise<void> {
  const archive = pack();
  for (const { name, content, mode } of files) {
    const type = name.endsWith("/") ? "directory" : "file";
    archive.entry({ name, type, mode, mtime: new Date(0), ...vaultUser }, content);
  }
  archive.finalize();
  await engine.call("PUT", `/containers/${encodeURIComponent(container)}/archive?path=${homeFolder}`, {
    body: Readable.from(archive),
    headers: { "Content-Type": "application/x-tar" },
  });
}

/** A file of the home volume of a container, running or not; undefined where it is not there. */
export async function readHomeFile(
  engine: EngineApi,
  container: string,
  name: string,
): Promise<(HomeFile & { readonly uid: number }) | undefined> {
  const path = `/containers/${encodeURIComponent(container)}/archive?path=${homeFolder}/${name}`;
  try {
    const archive = extract();
    const entries = (await engine.stream("GET", path)).pipe(archive);
    for await (const entry of entries) {
      const { mode = 0, uid = 0 } = entry.header;
      return { name, content: await text(entry), mode: mode & 0o777, uid };
    }
    return undefined;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}
