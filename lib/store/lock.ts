import { randomUUID } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { UserError } from "../core/errors";
import { notWritten, readTextIfThere } from "../core/files/files";
import { isAlive, processStart } from "../core/live-process";

/**
 * One run at a time works on an instance. The lock is a file that names its holder, and is valid as long as that process runs:
 * the pid and the start time of the process identify it. (Lock libraries use the file's age instead, and lose the lock of a
 * host that slept.)
 */
const holder = z.object({
  token: z.string(),
  pid: z.int(),
  /** The start of the process, in clock ticks since boot, since the kernel reuses pids. */
  started: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.string(),
});
type Holder = z.output<typeof holder>;

/** The variable that identifies a child (a local-exec) of the run that holds the lock. */
export const lockVariable = "OPENCLAW_OPENROUTER_LOCK";

export interface Lock {
  /** Passed to children in {@link lockVariable}. */
  readonly token: string;
  release(): void;
}

/**
 * Takes the instance's lock.
 * @throws UserError if another run holds it, with its pid, command and start
 */
export function takeLock(path: string, command: string, environment: NodeJS.ProcessEnv = process.env): Lock {
  const inherited = environment[lockVariable];
  if (inherited && readHolder(path)?.token === inherited) return { token: inherited, release: () => {} };

  const mine: Holder = {
    token: randomUUID(),
    pid: process.pid,
    started: processStart(process.pid) ?? "",
    host: hostname(),
    command,
    since: new Date().toISOString(),
  };
  const draft = `${path}.${mine.token}`;
  try {
    writeFileSync(draft, JSON.stringify(mine), { mode: 0o600, flag: "wx" });
  } catch (error) {
    rmSync(draft, { force: true });
    throw notWritten(path, error as NodeJS.ErrnoException);
  }
  try {
    for (let attempt = 0; !link(draft, path); attempt++) {
      const other = readHolder(path);
      if (other && holds(other)) throw heldBy(other);
      if (attempt > 100) throw heldBy(undefined);
      if (other) removeDead(path, other, draft);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    token: mine.token,
    release: () => {
      if (readHolder(path)?.token === mine.token) rmSync(path, { force: true });
    },
  };
}

/**
 * Verifies, for a run that only reads, that no other run is changing the instance meanwhile.
 * @param mine the lock that this run holds
 * @throws UserError if another run holds the lock, with its pid, command and start
 */
export function requireUnlocked(path: string, mine?: Lock): void {
  const other = readHolder(path);
  if (other && other.token !== mine?.token && holds(other)) throw heldBy(other);
}

/** The run that works on the instance now; undefined if there is none. */
export function lockHolder(path: string): Pick<Holder, "pid" | "command" | "since"> | undefined {
  const other = readHolder(path);
  return other && holds(other) ? other : undefined;
}

/**
 * Removes a dead holder's file. Only the holder of a second file, named after the dead one, does so: otherwise a slow run would
 * remove the lock that a quicker run has taken since.
 */
function removeDead(path: string, dead: Holder, draft: string): void {
  const right = `${path}.${dead.token}`;
  if (link(draft, right)) {
    if (readHolder(path)?.token === dead.token) rmSync(path, { force: true });
    rmSync(right, { force: true });
    return;
  }
  const other = readHolder(right);
  if (other && !holds(other)) removeDead(right, other, draft);
  else if (other) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** A file that a power cut left without its content. */
const damaged: Holder = { token: "damaged", pid: 0, started: "", host: hostname(), command: "", since: "" };

/** The holder that a file names; undefined if there is no file. */
function readHolder(path: string): Holder | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    return damaged;
  }
}

/**
 * Whether the holder still runs. A holder on another host (an instance directory on a network share) counts as running, since
 * this host cannot find out.
 */
function holds(other: Holder): boolean {
  return other.host !== hostname() || isAlive(other.pid, other.started);
}

function heldBy(other: Holder | undefined): UserError {
  return new UserError({
    problem: "Another run is working on this instance.",
    got: other
      ? `pid ${other.pid} on ${other.host} (${other.command}, since ${other.since})`
      : "a lock that comes and goes",
    fix: "Wait for it to end, then run this again.",
  });
}
