import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { basename } from "node:path";
import { attempt } from "../core/attempt";
import { findProgram } from "../core/system/find-program";
import { type Account, groupsOfLogin } from "../core/system/os-user";
import type { RunResult } from "../core/system/process";

/** The maximum output of another user's program, in bytes. */
const longestOutput = 1024 * 1024;
/** The time for which its pipes may stay open after its end, in milliseconds: its child processes may keep them open. */
const closing = 500;

interface UsersProgramOptions {
  /** @default none */
  readonly args?: readonly string[];
  /** The owner of the program, as whom it runs. */
  readonly account: Account;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The working directory, which the program enters with its user's permissions. */
  readonly cwd: string;
  readonly input: string;
  /** The timeout in milliseconds. */
  readonly timeout: number;
  /** Ends it, together with the processes that it started. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a program that another user can exchange. It runs in a session of its own without a terminal, so it can neither read the
 * terminal's input nor write to it. At the timeout it is ended, together with the processes that it started.
 * @param path an absolute path
 */
export async function runUsersProgram(
  path: string,
  { account, args = [], env, cwd, input, timeout, signal }: UsersProgramOptions,
): Promise<RunResult> {
  // Started by a shell, since Node would change the directory before it drops root's rights. It begins at /: by a process of its
  // own a user reaches that one's folder, such as root's home directory, and can have the change take any time (FUSE).
  const [program, words, as] = asUser(account, [
    "/bin/sh",
    ...["-c", 'cd -- "$0" && exec "$@"', cwd, path, ...args],
  ]);
  const child = spawn(program, words, { ...as, env, cwd: "/", stdio: "pipe" });
  let failure: string | undefined;
  const stop = (reason: string) => {
    failure ??= reason;
    endGroup(child.pid);
  };
  const abort = () => stop("it was interrupted");
  signal?.addEventListener("abort", abort);
  const timer = setTimeout(() => stop(`it did not end within ${timeout / 1000} s`), timeout);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => collect(stream, stop));
  child.stdin.on("error", () => {}).end(input);
  const exitCode = await ended(child, stop);
  clearTimeout(timer);
  signal?.removeEventListener("abort", abort);
  return {
    exitCode: failure === undefined ? exitCode : undefined,
    stdout: stdout?.() ?? "",
    stderr: (stderr?.() ?? "").trimEnd(),
    failure: failure ?? (exitCode === undefined ? "it was ended by a signal" : undefined),
  };
}

/** The output of another user's program for `--version`; undefined if it does not run or exceeds the timeout. */
export function versionOfUsersProgram(path: string, account: Account): string | undefined {
  const [program, words, as] = asUser(account, [path, "--version"]);
  const { pid, status, stdout } = spawnSync(program, words, {
    ...as,
    cwd: "/",
    env: {},
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 5000,
    killSignal: "SIGKILL",
    maxBuffer: 4096,
  });
  endGroup(pid);
  return status === 0 ? stdout : undefined;
}

interface Identity {
  readonly detached: true;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * How to run a command as a user, in a session of its own. Node gives it no group but the primary one, so for a user in others
 * `setpriv` becomes that user.
 */
function asUser(
  account: Account,
  [program, ...words]: readonly [string, ...string[]],
): [string, string[], Identity] {
  const { uid, gid } = account;
  if (process.geteuid?.() !== 0) return [program, words, { detached: true }];
  const groups = uid === 0 ? [] : groupsOfLogin(account);
  const setpriv = groups.length > 1 ? findSetpriv() : undefined;
  if (setpriv === undefined) return [program, words, { detached: true, uid, gid }];
  const rights = [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(",")}`];
  return [setpriv, [...rights, "--", program, ...words], { detached: true }];
}

/** BusyBox has one of that name that cannot change its user. */
function findSetpriv(): string | undefined {
  const found = findProgram("setpriv");
  return found !== undefined && basename(realpathSync(found)) === "setpriv" ? found : undefined;
}

function collect(stream: NodeJS.ReadableStream, stop: (reason: string) => void): () => string {
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on("data", (chunk: Buffer) => {
    length += chunk.length;
    if (length <= longestOutput) chunks.push(chunk);
    else stop(`it printed more than ${longestOutput} bytes`);
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** @returns the exit code; undefined if a signal ended it, or it could not be started */
function ended(
  child: ChildProcessWithoutNullStreams,
  stop: (reason: string) => void,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    child.once("error", (error: NodeJS.ErrnoException) => {
      stop(error.code ?? error.message);
      resolve(undefined);
    });
    child.once("exit", (code) => {
      endGroup(child.pid);
      const late = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, closing);
      child.once("close", () => {
        clearTimeout(late);
        resolve(code ?? undefined);
      });
    });
  });
}

/**
 * Ends a program and the processes that it started, except processes in a session of their own, which have no terminal either.
 */
function endGroup(pid: number | undefined): void {
  if (!pid) return;
  // The processes can have ended already.
  attempt(() => process.kill(-pid, "SIGKILL"));
}
