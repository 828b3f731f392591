import { randomUUID } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { UserError } from "../core/errors";
import { notWritten, readTextIfThere } from "../core/files/files";
import { isAlive, processStart } from "../core/live-process";

/**
 * One run at a time works on an instance. The lock is a file that names its holder, and ends with it: a holder that was
 * killed is told by its process's start time. (Lock libraries go by a file's age instead, and lose the lock of a host
 * that slept.)
 */
const holder = z.object({
  token: z.string(),
  pid: z.int(),
  /** The process's start, in clock ticks since boot: a pid alone is used again. */
  started: z.string(),
  host: z.string(),
  command: z.string(),
  since: z.string(),
});
type Holder = z.output<typeof holder>;

/** By this a child of the run that holds the lock is known: a local-exec of our own. */
export const lockVariable = "OPENCLAW_OPENROUTER_LOCK";

export interface Lock {
  /** Given to children in {@link lockVariable}. */
  readonly token: string;
  release(): void;
}

/**
 * Takes the instance's lock.
 * @throws UserError where another run holds it, naming its pid, command and since when
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
 * For a run that only looks: what another one is changing is neither before nor after.
 * @param mine the lock that this run holds itself
 * @throws UserError where another run holds the lock, naming its pid, command and since when
 */
export function requireUnlocked(path: string, mine?: Lock): void {
  const other = readHolder(path);
  if (other && other.token !== mine?.token && holds(other)) throw heldBy(other);
}

/** Who works on the instance right now; undefined where nobody does. */
export function lockHolder(path: string): Pick<Holder, "pid" | "command" | "since"> | undefined {
  const other = readHolder(path);
  return other && holds(other) ? other : undefined;
}

/**
 * Takes a dead holder's file away. Only who holds a second file, named after the dead one, may do so: else a slow run would
 * take away the lock that a quicker one has put there since.
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

/** Who a file names; undefined where there is no file. */
function readHolder(path: string): Holder | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return holder.parse(JSON.parse(text));
  } catch {
    return damaged;
  }
}

/** On another host (a home on a network share) nobody can tell, so it counts as alive. */
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
