import { randomUUID } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { allowing, attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { notWritten, readTextIfThere } from "../core/files/files";
import { poll } from "../core/poll";
import { quote } from "../core/text";
import { type LockHolder, lockHolder, placeOfThisProcess, stillHolds, thisProcess } from "./lock-holder";

/** The variable that identifies a child (a local-exec) of the run that holds the lock. */
export const lockVariable = "OPENCLAW_OPENROUTER_LOCK";

export interface Lock {
  /** Passed to children in {@link lockVariable}. */
  readonly token: string;
  release(): void;
}

/**
 * Takes the instance's lock. One run at a time works on an instance: the lock is a file that names its holder, and is valid as
 * long as that process runs. (Lock libraries use the file's age instead, and lose the lock of a host that slept.)
 * @throws UserError if another run holds it, with its pid, command and start
 */
export function takeLock(path: string, command: string, environment: NodeJS.ProcessEnv = process.env): Lock {
  const inherited = environment[lockVariable];
  if (inherited && readHolder(path)?.token === inherited) return { token: inherited, release: () => {} };

  const mine = thisProcess(randomUUID(), command);
  const draft = `${path}.${mine.token}`;
  try {
    writeFileSync(draft, JSON.stringify(mine), { mode: 0o600, flag: "wx" });
  } catch (error) {
    rmSync(draft, { force: true });
    throw notWritten(path, error as NodeJS.ErrnoException);
  }
  try {
    for (let tries = 0; !link(draft, path); tries++) {
      const other = readHolder(path);
      if (other && stillHolds(other, dirname(path))) throw heldBy(path, other);
      if (tries > 100) throw heldBy(path);
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
  if (other && other.token !== mine?.token && stillHolds(other, dirname(path))) throw heldBy(path, other);
}

/** The run that works on the instance now; undefined if there is none. */
export function currentHolder(path: string): Pick<LockHolder, "pid" | "command" | "since"> | undefined {
  const other = readHolder(path);
  return other && stillHolds(other, dirname(path)) ? other : undefined;
}

/** Commands that schedules run by themselves, and that end within seconds. */
const briefCommands = new Set(["vault unseal", "check"]);
/** In milliseconds. `vault unseal` may wait for a person. */
const longestWait = 60_000;

/**
 * Waits while a brief command that a schedule started holds the lock, as after a boot; a minute at most. Then {@link takeLock}
 * decides.
 * @param onWait called once, if there is something to wait for
 */
export async function waitForBriefRun(
  path: string,
  onWait: (holder: Pick<LockHolder, "pid" | "command">) => void,
): Promise<void> {
  let isTold = false;
  const isOver = () => {
    const holder = currentHolder(path);
    if (!holder || !briefCommands.has(holder.command)) return true;
    if (!isTold) onWait(holder);
    isTold = true;
    return undefined;
  };
  await poll(isOver, { every: 100, timeout: longestWait });
}

/** Waits until no other run works on the instance; for ten minutes at most, since one can wait for a person. */
export async function waitForOtherRuns(path: string): Promise<void> {
  await poll(() => (currentHolder(path) ? undefined : true), { every: 200, timeout: 600_000 });
}

/**
 * Removes a dead holder's file. Only the holder of a second file, named after the dead one, does so: otherwise a slow run would
 * remove the lock that a quicker run has taken since.
 */
function removeDead(path: string, dead: LockHolder, draft: string): void {
  const right = `${path}.${dead.token}`;
  if (link(draft, right)) {
    if (readHolder(path)?.token === dead.token) rmSync(path, { force: true });
    rmSync(right, { force: true });
    return;
  }
  const other = readHolder(right);
  if (other && !stillHolds(other, dirname(path))) removeDead(right, other, draft);
  else if (other) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

function link(from: string, to: string): boolean {
  const linked = allowing("EEXIST", () => {
    linkSync(from, to);
    return true;
  });
  return linked ?? false;
}

/** The holder that a file names; undefined if there is no file. */
function readHolder(path: string): LockHolder | undefined {
  const text = readTextIfThere(path);
  if (text === undefined) return undefined;
  // A power cut left the file without its content: its holder has ended, like a process with the pid 0.
  return attempt(() => lockHolder.parse(JSON.parse(text))) ?? { ...thisProcess("damaged", ""), pid: 0 };
}

function heldBy(path: string, other?: LockHolder): UserError {
  return new UserError({
    problem: "Another run is working on this instance.",
    got: other
      ? `pid ${other.pid} on ${other.host} (${other.command}, since ${other.since})`
      : "a lock that comes and goes",
    fix: `Wait for it to end, then run this again.${other && !runsHere(other) ? wayToTakeOver(path, other) : ""}`,
  });
}

/** Whether a person can look for the holder's process on this host. */
function runsHere({ boot, pids }: LockHolder): boolean {
  const here = placeOfThisProcess();
  return boot === here.boot && pids === here.pids;
}

function wayToTakeOver(path: string, { pid, host }: LockHolder): string {
  return `\nThis host cannot see whether it still runs. If no process ${pid} of openclaw-openrouter runs on ${host}, remove its lock:\nrm ${quote(path)}`;
}
