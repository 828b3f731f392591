import {
  chmodSync,
  fchmodSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../core/errors";
import { closing } from "../core/files/handle";
import { makeOnce } from "../core/files/make-once";
import { commitOf, copyRecordFile, readCopyRecord } from "./installed-program";
import {
  identityOf,
  isSameFile,
  manifestOfCopy,
  programFile,
  programFiles,
  readManifest,
} from "./program-files";

/** The name of a copy: version and content digest. A number follows if the copy of that name is damaged. */
export const copyName = /^\d+\.\d+\.\d+[\w.+-]*-[0-9a-f]{12}(\.\d+)?$/;

/** Whether a copy has every file of the program, and every file that it had when it was made. */
export function isWholeCopy(root: string, copy: string): boolean {
  const record = readCopyRecord(copy);
  if (!record || record.commit !== commitOf(root)) return false;
  const isWhole = Object.entries(record.files).every(([name, size]) => {
    const entry = lstatSync(join(copy, name), { throwIfNoEntry: false });
    return entry?.isFile() && entry.size === size;
  });
  return (
    isWhole &&
    readFileSync(join(copy, "package.json")).equals(manifestOfCopy(root)) &&
    programFiles(root).every((name) => isSameFile(join(root, name), join(copy, name)))
  );
}

/**
 * Makes a copy of the program in a folder of copies, unless it has a complete one.
 * @returns the name of the copy
 * @throws UserError if the program is compiled again meanwhile
 */
export async function makeCopy(folder: string, root: string): Promise<string> {
  const commit = commitOf(root);
  const files = new Map([
    ...programFiles(root).map((name) => [name, readFileSync(join(root, name))] as const),
    ["package.json", manifestOfCopy(root)],
  ]);
  const record = {
    ...(commit ? { commit } : {}),
    files: Object.fromEntries([...files].map(([name, { length }]) => [name, length])),
  };
  const contents = new Map([...files, [copyRecordFile, Buffer.from(`${JSON.stringify(record)}\n`)]]);

  const name = `${readManifest(root).version}-${identityOf(files, commit)}`;
  for (let number = 0; ; number++) {
    const copy = number === 0 ? name : `${name}.${number}`;
    let isNew = false;
    await makeOnce(join(folder, copy), async (draft) => {
      writeCopy(draft, root, contents);
      isNew = true;
    });
    if (isWholeCopy(root, join(folder, copy))) return copy;
    if (isNew)
      throw new UserError({
        problem: "The program was compiled again while it was copied, so it was not installed.",
        fix: "openclaw-openrouter up",
      });
  }
}

function writeCopy(folder: string, root: string, contents: ReadonlyMap<string, Buffer>): void {
  chmodSync(folder, 0o755);
  for (const [name, content] of contents) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    closing(openSync(path, "wx", 0o600), (handle) => {
      writeFileSync(handle, content);
      fchmodSync(handle, name === programFile ? 0o755 : 0o644);
      // This time shows that the stacks which the original synthesized are current for the copy as well.
      const original = lstatSync(join(root, name), { throwIfNoEntry: false });
      if (original) futimesSync(handle, original.mtime, original.mtime);
    });
  }
}
