import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "../once";
import { day } from "../time";

const prefix = "openclaw-openrouter-";

/** The maximum age of a folder in use, in milliseconds: no run takes a day, so an older folder is from a killed run. */
const longest = day;

/**
 * Runs work with a new temporary folder that only this user can read, and removes it afterwards.
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

/** Removes this user's folders of killed runs, once a run: they can hold a plan or a snapshot. */
const removeLeftOvers = once(async () => {
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix)) removeIfLeftOver(join(tmpdir(), name));
  }
});

function removeIfLeftOver(path: string): void {
  // Another run can remove one in the meantime.
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return;
  if (Date.now() - found.mtimeMs <= longest) return;
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It holds a file of another user. That must not stop this run.
  }
}
