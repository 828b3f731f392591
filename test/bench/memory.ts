import { readdirSync, readFileSync } from "node:fs";

/** Milliseconds between two looks: the shortest of what is watched takes two tenths of a second. */
const pause = 20;

/**
 * Watches a process and all that it started. Memory that several of them share is counted once (Linux's proportional set
 * size); the container engine and what runs in it are not below it, and so not counted.
 * @returns ends the watch; gives the most that was seen at one moment, in megabytes
 */
export function watchMemory(pid: number): () => number {
  let peak = 0;
  const look = () => {
    peak = Math.max(peak, sum(treeOf(pid).map(proportionalSize)));
  };
  const timer = setInterval(look, pause);
  look();
  return () => {
    clearInterval(timer);
    return peak / 1e6;
  };
}

function treeOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  // Grows while it is gone through.
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

function parentOf(pid: number): number | undefined {
  const stat = readProcess(pid, "stat");
  // A program's name, in brackets, may hold anything.
  const parent = stat?.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
  return parent === undefined ? undefined : Number(parent);
}

function proportionalSize(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readProcess(pid, "smaps_rollup") ?? "")?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Undefined where the process has ended. */
function readProcess(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
