import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import type { Account } from "../core/os-user";

/** What a program of another user's may say, in bytes. */
const longestOutput = 1024 * 1024;
/** How long its pipes may stay open after its end, in milliseconds: what it left may hold them. */
const closing = 500;

export interface UsersProgramOptions {
  /** Whose program it is, and as whom it runs. */
  readonly account: Account;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Where it runs: it gets there by its own rights. */
  readonly cwd: string;
  readonly input: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export interface UsersProgramResult {
  /** Undefined if it did not run to its end. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Why it did not run to its end. */
  readonly failure: string | undefined;
}

/**
 * Runs a program that another user may exchange. It has no terminal, since it is in a session of its own: so it can neither
 * read what is typed there nor type anything. It ends in time, and what it started with it.
 * @param path absolute
 */
export async function runUsersProgram(
  path: string,
  { account, env, cwd, input, timeout }: UsersProgramOptions,
): Promise<UsersProgramResult> {
  // By a shell, since Node would change the folder before it gives up root's rights.
  const child = spawn("/bin/sh", ["-c", 'cd -- "$0" && exec "$1"', cwd, path], {
    ...confined(account),
    env,
    stdio: "pipe",
  });
  let failure: string | undefined;
  const stop = (reason: string) => {
    failure ??= reason;
    endGroup(child.pid);
  };
  const timer = setTimeout(() => stop(`it did not end within ${timeout / 1000} s`), timeout);
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => collect(stream, stop));
  child.stdin.on("error", () => {}).end(input);
  const exitCode = await ended(child, stop);
  clearTimeout(timer);
  return {
    exitCode: failure === undefined ? exitCode : undefined,
    stdout: stdout?.() ?? "",
    stderr: (stderr?.() ?? "").trimEnd(),
    failure: failure ?? (exitCode === undefined ? "it was ended by a signal" : undefined),
  };
}

/** What a program of another user's prints for `--version`; undefined if it does not run, or not in time. */
export function versionOfUsersProgram(path: string, account: Account): string | undefined {
  const { pid, status, stdout } = spawnSync(path, ["--version"], {
    ...confined(account),
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

function confined({ uid, gid }: Account) {
  return { detached: true, ...(process.geteuid?.() === 0 ? { uid, gid } : {}) };
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

/** Ends a program with all that it started, unless that went into a session of its own; there it has no terminal either. */
function endGroup(pid: number | undefined): void {
  if (!pid) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of it is left.
  }
}
