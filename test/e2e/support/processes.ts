import { readdirSync, readFileSync } from "node:fs";
import { processStart } from "../../../lib/core/system/live-process";

/** A process and all that it started, itself first. */
export function tree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(name);
    if (parent) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (root: number): number[] => [root, ...(children.get(root) ?? []).flatMap(below)];
  return below(pid);
}

/** The fourth field of stat; the second is the program's name in brackets, and may hold anything. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/** Whether a process runs still; one that ended and was not yet waited for does not. */
export function isRunning(pid: number): boolean {
  return processStart(pid) !== undefined;
}

/** Ends a process and all that it started at one moment, as a power cut does: none starts another meanwhile. */
export function killTree(pid: number): void {
  let known: number[] = [];
  for (let found = tree(pid); found.length > known.length; found = tree(pid)) {
    known = found;
    for (const member of known) signal(member, "SIGSTOP");
  }
  for (const member of known) signal(member, "SIGKILL");
}

/** Stops a process and all that it started, or lets it go on. */
export function signalTree(pid: number, name: "SIGSTOP" | "SIGCONT"): void {
  for (const member of tree(pid)) signal(member, name);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself.
  }
}
