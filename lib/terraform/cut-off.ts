import { readdirSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import { type HomePaths, stackNames } from "../model/home-paths";
import type { Progress } from "../progress";

/** How long Terraform of an earlier run may go on, in milliseconds. */
const patience = 120_000;
const pause = 50;

/**
 * Sets right what a run leaves that was killed while Terraform worked. Terraform may go on by itself for a while; and where it
 * was killed as well, the state may be cut off, since Terraform writes that file in its place. It keeps the one before beside it.
 * To be called by who holds the instance's lock.
 * @throws UserError where Terraform does not end
 */
export async function recoverFromCutOff(home: HomePaths, progress: Progress): Promise<void> {
  await waitForLeftOver(home, progress);
  for (const stack of stackNames) restoreState(home.state(stack));
}

async function waitForLeftOver({ cdktfOut }: HomePaths, progress: Progress): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const [pid] = processesIn(cdktfOut);
    if (pid === undefined) return;
    if (Date.now() > deadline) {
      throw new UserError({
        problem: "Terraform of an earlier run, which was cut off, works on this instance still.",
        got: `pid ${pid}`,
        remedy: `Wait for it to end, or end it: kill ${pid}. Then run this again.`,
      });
    }
    progress(`waiting for Terraform of a run that was cut off to end (pid ${pid})`);
    await sleep(pause);
  }
}

/** Processes that work in a folder: Terraform, its providers, and what it runs. */
function processesIn(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && workingFolder(name)?.startsWith(`${folder}/`))
    .map(Number);
}

/** Undefined of a process that ended, or is another user's. */
function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
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

function isWhole(state: string): boolean {
  try {
    return typeof JSON.parse(state).version === "number";
  } catch {
    return false;
  }
}
