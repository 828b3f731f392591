import { readFileSync, readlinkSync } from "node:fs";
import { attempt } from "../attempt";

/** The start of a process, in clock ticks since boot; undefined if there is no such process. */
export function processStart(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The second field is the program's name in brackets, which can itself hold blanks and brackets.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A zombie has ended; only its parent has not collected it yet.
  return fields?.[0] === "Z" ? undefined : fields?.[19];
}

/** Whether a process is still the one with this start: pids are reused. */
export function isAlive(pid: number, start: string): boolean {
  return processStart(pid) === start;
}

/** The pid of a process's parent; 0 if there is no such process, or its parent is outside this namespace. */
export function parentOf(pid: number): number {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(/^PPid:\s+(\d+)$/m.exec(status ?? "")?.[1] ?? 0);
}

/**
 * The namespace of a process's pid, such as `pid:[4026531836]`; undefined if it cannot be read. A container has one of its own.
 * @default this process's
 */
export function pidNamespace(pid = "self"): string | undefined {
  return attempt(() => readlinkSync(`/proc/${pid}/ns/pid`));
}
