import { existsSync, readdirSync, rmSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UserError } from "../errors";
import { sha256 } from "../fingerprint";
import { inParallel } from "../in-parallel";
import { poll } from "../poll";
import { isAlive, pidNamespace, processStart } from "../system/live-process";
import { day } from "../time";
import { readOrEmpty } from "./files";
import { listTree } from "./tree";

interface MakeOnceOptions {
  /** Called if another process is already doing the same work. */
  readonly onWait?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

let count = 0;

/**
 * Creates a folder that is either missing or complete: `make` fills a temporary folder beside it, which is then renamed. Of
 * several processes, one does the work and the others wait; the remains of dead processes are removed. If two of them start
 * (those of other hosts and containers cannot be seen), the first to finish wins, and only time is lost.
 * @throws UserError if the disk is full or the place is not writable
 */
export async function makeOnce(
  target: string,
  make: (folder: string) => Promise<void>,
  options: MakeOnceOptions = {},
): Promise<void> {
  try {
    await attempt(target, make, options);
  } catch (error) {
    throw storageError(error as NodeJS.ErrnoException, target) ?? error;
  }
}

async function attempt(
  target: string,
  make: (folder: string) => Promise<void>,
  options: MakeOnceOptions,
): Promise<void> {
  const parent = dirname(target);
  const prefix = prefixOf(basename(target));
  await mkdir(parent, { recursive: true });
  while (!existsSync(target)) {
    const mine = draftName(basename(target));
    const folder = join(parent, mine);
    await mkdir(folder);
    try {
      const earlier = (await active(parent, prefix)).find((maker) => maker.order < mine);
      if (earlier) {
        await rm(folder, { recursive: true });
        options.onWait?.(earlier.pid);
        const isEnded = () => isOver(earlier) || !existsSync(join(parent, earlier.order)) || undefined;
        await poll(isEnded, { every: 200, signal: options.signal });
        continue;
      }
      if (existsSync(target)) break;
      await make(folder);
      // A rename can reach the disk before the data: a power cut would leave half a file.
      await flush(folder);
      await rename(folder, target).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      });
    } finally {
      // An interrupted compiler can still write for a moment.
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

/** The temporary name of an unfinished file or folder. It shows other processes whether its maker is alive. */
export function draftName(name: string): string {
  const { pid } = process;
  return `${prefixOf(name)}${Date.now()}-${++count}-${pid}-${processStart(pid) ?? "0"}-${place()}`;
}

/**
 * Where a pid means something: the machine and its namespace of processes. Several hosts or containers can share the folder, as CI
 * runners do a cache.
 */
function place(): string {
  return sha256(`${readOrEmpty("/etc/machine-id")} ${pidNamespace()}`).slice(0, 8);
}

function prefixOf(name: string): string {
  return `.making-${name}-`;
}

/** Removes what dead processes left in a folder with a {@link draftName}. */
export function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const maker = makerOf(name, /^\.making-.+-(?=\d+(-\d+){3}-)/);
    if (maker && isOver(maker)) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const storageProblems: Readonly<Record<string, string>> = {
  EACCES: "make it writable for this user",
  EDQUOT: "make room, or name another cache root by OPENCLAW_OPENROUTER_CACHE",
  ENOSPC: "make room, or name another cache root by OPENCLAW_OPENROUTER_CACHE",
  EROFS: "name another cache root by OPENCLAW_OPENROUTER_CACHE",
};

function storageError(error: NodeJS.ErrnoException, target: string): UserError | undefined {
  const fix = storageProblems[error.code ?? ""];
  return fix === undefined
    ? undefined
    : new UserError({ problem: `${target} cannot be made.`, got: error.message, fix }, { cause: error });
}

interface Maker {
  /** The name of its folder, which sorts by start time. */
  readonly order: string;
  /** In milliseconds since 1970. */
  readonly since: number;
  readonly pid: number;
  readonly start: string;
  /** Whether its process can be seen from here. */
  readonly isHere: boolean;
}

/** @param prefix what is before the facts of the maker */
function makerOf(name: string, prefix: string | RegExp): Maker | undefined {
  const facts = /^(\d+)-\d+-(\d+)-(\d+)-([0-9a-f]{8})$/.exec(name.replace(prefix, ""));
  if (!facts) return undefined;
  const [, since, pid, start = "", where] = facts;
  return { order: name, since: Number(since), pid: Number(pid), start, isHere: where === place() };
}

/** Whether a maker has ended: one elsewhere, which cannot be seen, after a day. */
function isOver({ since, pid, start, isHere }: Maker): boolean {
  return isHere ? !isAlive(pid, start) : Date.now() - since > day;
}

async function active(parent: string, prefix: string): Promise<Maker[]> {
  const makers: Maker[] = [];
  for (const name of (await readdir(parent)).sort()) {
    const maker = makerOf(name, prefix);
    if (!maker) continue;
    if (isOver(maker)) await rm(join(parent, name), { recursive: true, force: true });
    else if (maker.isHere) makers.push(maker);
  }
  return makers;
}

/** The number of files that are flushed at once: a disk writes waiting requests together. */
const flushedAtOnce = 16;

/** Waits until the files of a folder are on the disk. */
export async function flush(folder: string): Promise<void> {
  const files = (await listTree(folder)).filter(({ kind }) => kind === "file");
  await inParallel(files, flushedAtOnce, async ({ path }) => {
    const file = await open(path, "r");
    await file.sync().finally(() => file.close());
  });
}
