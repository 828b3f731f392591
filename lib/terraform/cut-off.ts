import { readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import { type HomePaths, stackNames } from "../model/home-paths";
import type { Progress } from "../progress";
import { providerPrefix } from "./installed-providers";

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
    const left = processesIn(cdktfOut);
    const working = left.find(({ program }) => !program.startsWith(providerPrefix));
    if (!working) {
      // A provider does not notice that its Terraform was killed, and would stay for good.
      for (const { pid } of left) end(pid);
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError({
        problem: "Terraform of an earlier run, which was cut off, works on this instance still.",
        got: `pid ${working.pid} (${working.program})`,
        remedy: `Wait for it to end, or end it: kill ${working.pid}. Then run this again.`,
      });
    }
    progress(`waiting for Terraform of a run that was cut off to end (pid ${working.pid})`);
    await sleep(pause);
  }
}

/** Processes that work in a folder: Terraform, its providers, and what it runs. */
function processesIn(folder: string): { readonly pid: number; readonly program: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && link(name, "cwd")?.startsWith(`${folder}/`))
    .map((name) => ({ pid: Number(name), program: basename(link(name, "exe") ?? "") }));
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

/** Undefined of a process that ended, or is another user's. */
function link(pid: string, name: "cwd" | "exe"): string | undefined {
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

function isWhole(state: string): boolean {
  try {
    return typeof JSON.parse(state).version === "number";
  } catch {
    return false;
  }
}
