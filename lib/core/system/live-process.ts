import { openSync, readdirSync, readlinkSync } from "node:fs";
import { attempt } from "../attempt";
import { longest } from "../bounded";
import { readOrEmpty } from "../files/files";
import { closing, readWithin } from "../files/handle";

/** The start of a process, in clock ticks since boot; undefined if there is no such process. */
export function processStart(pid: number): string | undefined {
  const fields = statOf(pid);
  // A zombie has ended; only its parent has not collected it yet.
  return fields[0] === "Z" ? undefined : fields[19];
}

/** Whether a process has a terminal, as one that a person started in a shell. */
export function hasTerminal(pid: number): boolean {
  return (statOf(pid)[4] ?? "0") !== "0";
}

/** The fields of `/proc/<pid>/stat` (proc(5)) from the third on; none if there is no such process. */
function statOf(pid: number): string[] {
  const stat = readOrEmpty(`/proc/${pid}/stat`);
  // The second field is the program's name in brackets, which can itself hold blanks and brackets.
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** Whether a process is still the one with this start: pids are reused. */
export function isAlive(pid: number, start: string): boolean {
  return processStart(pid) === start;
}

/** The processes of this namespace. */
export function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The numbers of some fields of `/proc/<pid>/status` (proc(5)), such as the four of `Uid`; none if there is no such process. */
export function statusOf(pid: number, ...fields: readonly ("PPid" | "Uid" | "Gid" | "Groups")[]): number[][] {
  const status = readOrEmpty(`/proc/${pid}/status`);
  return fields.map((field) => {
    const line = new RegExp(`^${field}:(.*)$`, "m").exec(status)?.[1] ?? "";
    return line.trim().split(/\s+/).filter(Boolean).map(Number);
  });
}

/**
 * The command line or the environment of a process. Any user can have the kernel show a process's whole memory as these
 * (PR_SET_MM in prctl(2)), gigabytes of it.
 * @returns none for those that this user cannot read, and for those of more than 1 MiB
 */
export function textsOf(pid: number, file: "cmdline" | "environ"): string[] {
  const bytes = attempt(() =>
    closing(openSync(`/proc/${pid}/${file}`, "r"), (handle) => readWithin(handle, longest.answer)),
  );
  return bytes?.toString("utf8").split("\0") ?? [];
}

/** The pid of a process's parent; 0 if there is no such process, or its parent is outside this namespace. */
export function parentOf(pid: number): number {
  const [[parent = 0] = []] = statusOf(pid, "PPid");
  return parent;
}

/**
 * The namespace of a process's pid, such as `pid:[4026531836]`; undefined if it cannot be read. A container has one of its own.
 * @default this process's
 */
export function pidNamespace(pid: number | "self" = "self"): string | undefined {
  return attempt(() => readlinkSync(`/proc/${pid}/ns/pid`));
}
