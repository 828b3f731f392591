import { existsSync, readdirSync, readFileSync, readlinkSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../core/errors";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import type { Progress } from "../core/progress";
import { type HomePaths, stackNames } from "../model/home-paths";
import { providerPrefix } from "./installed-providers";

/** How long Terraform of an earlier run may go on, in milliseconds. */
const patience = 120_000;
const pause = 50;

/**
 * Sets right what a run leaves that was killed while Terraform worked. Terraform may go on by itself for a while; and where it
 * was killed as well, the state may be interrupted, since Terraform writes that file in its place. It keeps the one before beside it.
 * To be called by who holds the instance's lock.
 * @throws UserError where Terraform does not end
 */
export async function recoverInterrupted(home: HomePaths, progress: Progress): Promise<void> {
  await waitForLeftOver(home, progress);
  for (const stack of stackNames) restoreState(home.state(stack));
}

async function waitForLeftOver({ cdktfOut }: HomePaths, progress: Progress): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const left = processesIn(cdktfOut);
    const working = left.find(({ program }) => !program.startsWith(providerPrefix));
    if (!working) {
      // A provider does not notice that its Terraform was killed, and would stay for good.
      for (const { pid } of left) end(pid);
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError({
        problem: "Terraform of an earlier run, which was interrupted, works on this instance still.",
        got: `pid ${working.pid} (${working.program})`,
        fix: `Wait for it to end, or end it: kill ${working.pid}. Then run this again.`,
      });
    }
    progress(`waiting for Terraform of a run that was interrupted to end (pid ${working.pid})`);
    await sleep(pause);
  }
}

/**
 * Processes of this user's that work in a folder: Terraform, its providers, and what it runs. What another user's process
 * shows as its folder may be any text; so folders are compared by device and inode.
 */
function processesIn(folder: string): { readonly pid: number; readonly program: string }[] {
  const places = new Set(foldersIn(folder));
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isOwn(name))
    .filter((name) => places.has(identity(`/proc/${name}/cwd`) ?? "none"))
    .map((name) => ({ pid: Number(name), program: basename(link(name, "exe") ?? "") }));
}

/** Those below a folder, by what they are. Links are left out: they lead to providers that all instances share. */
function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const path = join(folder, name);
      return [identity(path) ?? "", ...foldersIn(path)];
    });
}

/** What a folder is, whatever it is called; undefined if there is none. */
function identity(path: string): string | undefined {
  try {
    const entry = statSync(path);
    return entry.isDirectory() ? `${entry.dev} ${entry.ino}` : undefined;
  } catch {
    return undefined;
  }
}

/** Whether all of a process's user ids are this user's: what its folder in /proc belongs to may be root's for other reasons. */
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

/** Undefined of a process that ended. */
function link(pid: string, name: "exe"): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}

/** A state that is not there at all is none, and stays so. */
function restoreState(path: string): void {
  const state = readTextIfThere(path);
  if (state === undefined || isWhole(state)) return;
  const before = readTextIfThere(`${path}.backup`);
  if (before !== undefined && isWhole(before)) writePrivateFile(path, before);
}

/**
 * Moves a state on this host aside that is not whole and has no predecessor, as after a kill in the first write of a stack that
 * is taken over: Terraform would stop at it. What was in it is found again by taking over.
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
