import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { attempt } from "../attempt";
import { isAlive, processStart } from "../live-process";
import { once } from "../once";
import { day } from "../time";

const prefix = "openclaw-openrouter-";

/**
 * The maximum age of a folder in use, in milliseconds: no run takes a day, so an older folder is from a killed run. A folder of
 * this pid namespace names its process, and goes as soon as that has ended.
 */
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
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${purpose}-${namespace()}-${owner()}-`));
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
  if (Date.now() - found.mtimeMs <= longest && !isOfEnded(path)) return;
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // It holds a file of another user. That must not stop this run.
  }
}

/** This process, as it stays unique until the next boot. Short, because sockets lie in the folder. */
function owner(): string {
  return `${process.pid}.${processStart(process.pid)}`;
}

/** The pid namespace: a process of another one, such as a container's, cannot be asked for. */
function namespace(): string {
  return /\d+/.exec(attempt(() => readlinkSync("/proc/self/ns/pid")) ?? "")?.[0] ?? "0";
}

/** Whether a folder belongs to a process of this pid namespace that has ended. */
function isOfEnded(path: string): boolean {
  const [, place, pid, start = ""] = /-(\d+)-(\d+)\.(\d+)-\w{6}$/.exec(path) ?? [];
  return place === namespace() && !isAlive(Number(pid), start);
}
