import { existsSync, readdirSync, readlinkSync, renameSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { poll } from "../core/poll";
import type { Progress } from "../core/progress";
import { hasTerminal, parentOf, processIds, statusOf } from "../core/system/live-process";
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

async function waitForLeftOver({ cdktfOut, cdktfCliOut }: HomePaths, progress: Progress): Promise<void> {
  const ended = () => {
    const left = processesIn([cdktfOut, cdktfCliOut]);
    const working = left.find(({ program }) => !program.startsWith(providerPrefix));
    if (working) {
      last = working;
      progress(`waiting for Terraform of an interrupted run to end (pid ${working.pid})`);
      return undefined;
    }
    // A provider does not notice that its Terraform was killed, and would never exit.
    // If one has ended by itself meanwhile, there is nothing to do.
    for (const { pid } of left) attempt(() => process.kill(pid, "SIGKILL"));
    return true;
  };
  let last: { readonly pid: number; readonly program: string } | undefined;
  if (await poll(ended, { every: pause, timeout: patience })) return;
  throw new UserError({
    problem: "Terraform of an interrupted run still works on this instance.",
    got: `pid ${last?.pid} (${last?.program})`,
    fix: `Wait for it to end, or end it: kill ${last?.pid}. Then run this again.`,
  });
}

/**
 * This user's processes with a working directory in one of the folders: Terraform, its providers, and the programs that it runs. The path
 * of a process's directory can be misleading, so folders are compared by device and inode. Shells of people, who unlock a state
 * there, are left out, and those that lead to this process.
 */
function processesIn(folders: readonly string[]): { readonly pid: number; readonly program: string }[] {
  const places = new Set(folders.flatMap(foldersIn));
  const ancestors = new Set<number>();
  for (let pid = process.pid; pid > 0; pid = parentOf(pid)) ancestors.add(pid);
  return processIds()
    .filter((pid) => !ancestors.has(pid) && isOwn(pid))
    .filter((pid) => places.has(identity(`/proc/${pid}/cwd`) ?? "none"))
    .map((pid) => ({ pid, program: basename(attempt(() => readlinkSync(`/proc/${pid}/exe`)) ?? "") }))
    .filter(({ pid, program }) => !(shell.test(program) && hasTerminal(pid)));
}

/** The program of a shell, such as `bash`, `dash` or `zsh-5.9`. Terraform's own shells have no terminal. */
const shell = /sh(-[\d.]+)?$/;

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
  const entry = attempt(() => statSync(path));
  return entry?.isDirectory() ? `${entry.dev} ${entry.ino}` : undefined;
}

/**
 * Whether all user ids of a process are this user's. The owner of its folder in /proc is no proof: it can be root for other
 * reasons.
 */
function isOwn(pid: number): boolean {
  const [ids = []] = statusOf(pid, "Uid");
  return ids.length === 4 && ids.every((id) => id === process.getuid?.());
}

/**
 * Restores an incomplete state from its backup. Without one, as after a kill during a first write, it is moved aside: Terraform
 * would fail on it, and a deploy or an adoption that begins again goes on without it. A missing state stays missing.
 */
function restoreState(path: string): void {
  const state = readTextIfThere(path);
  if (state === undefined || isWhole(state)) return;
  const before = readTextIfThere(`${path}.backup`);
  if (before !== undefined && isWhole(before)) writePrivateFile(path, before);
  else renameSync(path, `${path}.damaged`);
}

function isWhole(state: string): boolean {
  return attempt(() => typeof JSON.parse(state).version === "number") ?? false;
}
