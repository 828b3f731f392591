import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../core/errors";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { poll } from "../core/poll";
import type { Progress } from "../core/progress";
import { parentOf } from "../core/system/live-process";
import { type HomePaths, stackNames } from "../model/home-paths";
import { providerPrefix } from "./installed-providers";

/** The timeout for Terraform of an earlier run to end, in milliseconds. */
const patience = 120_000;
const pause = 50;

/**
 * Recovers from a run that was killed while Terraform worked. Terraform may continue by itself for a while. If it was killed as
 * well, the state may be incomplete, since Terraform overwrites that file; the previous state is beside it. The caller must
 * hold the instance's lock.
 * @throws UserError if Terraform does not end
 */
export async function recoverInterrupted(home: HomePaths, progress: Progress): Promise<void> {
  await waitForLeftOver(home, progress);
  for (const stack of stackNames) restoreState(home.state(stack));
}

async function waitForLeftOver({ cdktfOut }: HomePaths, progress: Progress): Promise<void> {
  const attempt = () => {
    const left = processesIn(cdktfOut);
    const working = left.find(({ program }) => !program.startsWith(providerPrefix));
    if (working) {
      last = working;
      progress(`waiting for Terraform of an interrupted run to end (pid ${working.pid})`);
      return undefined;
    }
    // A provider does not notice that its Terraform was killed, and would never exit.
    for (const { pid } of left) end(pid);
    return true;
  };
  let last: { readonly pid: number; readonly program: string } | undefined;
  if (await poll(attempt, { every: pause, timeout: patience })) return;
  throw new UserError({
    problem: "Terraform of an interrupted run still works on this instance.",
    got: `pid ${last?.pid} (${last?.program})`,
    fix: `Wait for it to end, or end it: kill ${last?.pid}. Then run this again.`,
  });
}

/**
 * This user's processes with a working directory in a folder: Terraform, its providers, and the programs that it runs. The path
 * of a process's directory can be misleading, so folders are compared by device and inode. A person may have started this one
 * there, in a shell that is in the folder too.
 */
function processesIn(folder: string): { readonly pid: number; readonly program: string }[] {
  const places = new Set(foldersIn(folder));
  const ancestors = new Set<string>();
  for (let pid = process.pid; pid > 0; pid = parentOf(pid)) ancestors.add(String(pid));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && !ancestors.has(name) && isOwn(name))
    .filter((name) => places.has(identity(`/proc/${name}/cwd`) ?? "none"))
    .map((name) => ({ pid: Number(name), program: basename(link(name, "exe") ?? "") }));
}

/** The identities of the folders below a folder. Links are left out: they lead to providers that all instances share. */
function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = join(folder, name);
      return [identity(path) ?? "", ...foldersIn(path)];
    });
}

/** The identity of a folder, independent of its path; undefined if there is no folder. */
function identity(path: string): string | undefined {
  try {
    const entry = statSync(path);
    return entry.isDirectory() ? `${entry.dev} ${entry.ino}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether all user ids of a process are this user's. The owner of its folder in /proc is no proof: it can be root for other
 * reasons.
 */
function isOwn(pid: string): boolean {
  try {
    const ids = /^Uid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]?.split(/\s+/) ?? [];
    return ids.length === 4 && ids.every((id) => Number(id) === process.getuid?.());
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Undefined if the process ended. */
function link(pid: string, name: "exe"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}

/** Restores an incomplete state from its backup. A missing state stays missing. */
function restoreState(path: string): void {
  const state = readTextIfThere(path);
  if (state === undefined || isWhole(state)) return;
  const before = readTextIfThere(`${path}.backup`);
  if (before !== undefined && isWhole(before)) writePrivateFile(path, before);
}

/**
 * Moves aside a local state that is incomplete and has no backup, as after a kill during the first write of an adoption:
 * Terraform would fail on it. The adoption imports its resources again.
 */
export function setDamagedAside(path: string): void {
  const state = readTextIfThere(path);
  if (state !== undefined && !isWhole(state)) renameSync(path, `${path}.damaged`);
}

function isWhole(state: string): boolean {
  try {
    return typeof JSON.parse(state).version === "number";
  } catch {
    return false;
  }
}
