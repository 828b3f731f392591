import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../core/system/package-root";
import { jsonText } from "../core/text";

/** The program's first file, in its folder. */
export const programFile = "scripts/openclaw-openrouter.mjs";

/** The file with the program's code, which the first file loads. */
export const compiledFile = "dist/cli.cjs";
/** It loads this one when it needs it. */
const compiledFiles = [compiledFile, "dist/openpgp.cjs"];

/** The files that npm always packs. */
const alwaysPacked = ["LICENSE", "README.md"];

interface Manifest {
  readonly version: string;
  readonly files?: readonly string[];
  readonly [field: string]: unknown;
}

export function readManifest(root: string): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
}

/**
 * The package.json of a copy. A copy does not contain the constructs, so it has no dependencies, nor the scripts that only a
 * clone runs.
 */
export function manifestOfCopy(root: string): Buffer {
  const { name, version, description, license, type, engines, os, cpu, bin, files } = readManifest(root);
  const manifest = { name, version, description, license, type, engines, os, cpu, bin, files };
  return Buffer.from(jsonText(manifest));
}

/**
 * The files of the program, except package.json: the files that the package lists and, of `dist`, only those that
 * the program's first file loads, since a clone's `dist` also contains the tests' programs. Relative to the program's folder.
 */
export function programFiles(root: string): string[] {
  const listed = (readManifest(root).files ?? []).filter((name) => name !== "dist" && !name.startsWith("!"));
  return [...compiledFiles, ...[...listed, ...alwaysPacked].flatMap((name) => plainFiles(root, name))];
}

function plainFiles(root: string, name: string): string[] {
  const entry = lstatSync(join(root, name), { throwIfNoEntry: false });
  if (entry?.isFile()) return [name];
  if (!entry?.isDirectory()) return [];
  return readdirSync(join(root, name)).flatMap((each) => plainFiles(root, `${name}/${each}`));
}

/** A name for the program's content. */
export function identityOf(files: ReadonlyMap<string, Buffer>, commit: string | undefined): string {
  const hash = createHash("sha256").update(`${commit}\n`);
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name} ${content.length}\n`).update(content);
  return hash.digest("hex").slice(0, 12);
}

/** Whether two folders contain the same code. */
export function isSameCode(root: string, other: string): boolean {
  return [programFile, compiledFile].every((name) => isSameFile(join(root, name), join(other, name)));
}

/** Whether two files have the same content. Modification times are no proof: npm gives every file of a package the same one. */
export function isSameFile(path: string, other: string): boolean {
  const [one, two] = [path, other].map((each) => lstatSync(each, { throwIfNoEntry: false }));
  if (!one?.isFile() || !two?.isFile() || one.size !== two.size) return false;
  return readFileSync(path).equals(readFileSync(other));
}

/** The version of the running program. */
export function programVersion(): string {
  return readManifest(packageRoot()).version;
}
