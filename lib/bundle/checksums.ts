import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { listTree } from "../core/files/tree";
import { sha256OfFile } from "../core/fingerprint";

/** The file name of the list, in the folder whose files it lists. */
export const checksumsFile = "SHA256SUMS";

/** SHA-256 by path, relative to the folder of the list. */
export type Checksums = ReadonlyMap<string, string>;

/** Lists every file of a folder in the format of `sha256sum -c SHA256SUMS`. The folder has no list yet. */
export async function writeChecksums(folder: string): Promise<void> {
  const lines: string[] = [];
  for (const { name, path, kind } of await listTree(folder)) {
    if (kind === "file" && name !== checksumsFile) lines.push(`${await sha256OfFile(path)}  ${name}\n`);
  }
  await writeFile(join(folder, checksumsFile), lines.join(""), { flag: "wx" });
}

/** Reads a folder's list, without paths that lead out of the folder. */
export async function readChecksums(folder: string): Promise<Checksums> {
  const text = await readFile(join(folder, checksumsFile), "utf8");
  const entries = [...text.matchAll(/^([0-9a-f]{64}) [ *](.+)$/gm)].map(
    ([, sum = "", path = ""]) => [path, sum] as const,
  );
  return new Map(entries.filter(([path]) => !path.startsWith("/") && !path.split("/").includes("..")));
}
