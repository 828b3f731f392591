import { readFileSync } from "node:fs";

/** When a process began, in clock ticks since the machine did; undefined where no such process is. */
export function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in brackets and may hold blanks and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie has ended, and only its parent has not heard of it yet.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Whether the process is still the one that began then: a pid is given to another one sooner or later. */
export function isAlive(pid: number, start: string): boolean {
  return processStart(pid) === start;
}
