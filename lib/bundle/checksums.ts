import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { listTree } from "../core/files/tree";

/** The list's file name, beside the files that it lists. */
export const checksumsFile = "SHA256SUMS";

/** SHA-256 by path, from the folder that the list lies in. */
export type Checksums = ReadonlyMap<string, string>;

/** Lists every file of a folder, as `sha256sum` does: `sha256sum -c SHA256SUMS` reads it. */
export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const { name, path, kind } of await listTree(folder)) {
    if (kind === "file" && name !== checksumsFile) lines.push(`${await sha256(path)}  ${name}\n`);
  }
  await writeFile(join(folder, checksumsFile), lines.join(""));
}

/** Reads a folder's list; paths that would lead out of it are no entries. */
export async function readChecksums(folder: string): Promise<Checksums> {
  const text = await readFile(join(folder, checksumsFile), "utf8");
  const entries = [...text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].map(
    ([, sum = "", path = ""]) => [path, sum] as const,
  );
  return new Map(entries.filter(([path]) => !path.startsWith("/") && !path.split("/").includes("..")));
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
