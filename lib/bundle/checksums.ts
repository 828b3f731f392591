import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { listTree } from "../core/files/tree";

/** The file name of the list, in the folder whose files it lists. */
export const checksumsFile = "SHA256SUMS";

/** SHA-256 by path, relative to the folder of the list. */
export type Checksums = ReadonlyMap<string, string>;

/** Lists every file of a folder in the format of `sha256sum -c SHA256SUMS`. */
export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const { name, path, kind } of await listTree(folder)) {
    if (kind === "file" && name !== checksumsFile) lines.push(`${await sha256(path)}  ${name}\n`);
  }
  await writeFile(join(folder, checksumsFile), lines.join(""));
}

/** Reads a folder's list, without paths that lead out of the folder. */
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
