import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "../once";

const prefix = "openclaw-openrouter-";

/** No run takes a day, in milliseconds: a folder that old was left by one that was killed. */
const longest = 24 * 60 * 60 * 1000;

/**
 * Does something with a new folder among the temporary files, which is this user's alone, and removes it afterwards.
 * @param purpose a word for its name
 */
export async function withTemporaryFolder<T>(
  purpose: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  await removeLeftOvers();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${purpose}-`));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes this user's folders of killed runs, once a run: a plan or a snapshot may lie in them. */
const removeLeftOvers = once(async () => {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix)) removeIfLeftOver(join(tmpdir(), name));
  }
});

function removeIfLeftOver(path: string): void {
  // One that another run takes away meanwhile is not there any more.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return;
  if (Date.now() - found.mtimeMs <= longest) return;
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Something of another user's lies in it: that is no reason not to run.
  }
}
