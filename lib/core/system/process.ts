import { execa } from "execa";

interface RunOptions {
  /** The whole environment of the child. See `childEnvironment`. */
  readonly env: Record<string, string>;
  readonly cwd?: string;
  /** Written to standard input. Pass secrets here: argv is world-readable. */
  readonly input?: string | Uint8Array;
  /** Called with each line of standard output and standard error as it arrives. */
  readonly onLine?: (line: string) => void;
  /** Milliseconds. @default none */
  readonly timeout?: number;
  /** Whether the output is dropped. Then a child of the program that still holds it open holds up nothing. @default false */
  readonly dropsOutput?: boolean;
  /**
   * Interrupts the program once and waits for its end. The program then runs in its own process group, so that a terminal's
   * Ctrl-C does not reach it a second time.
   */
  readonly signal?: AbortSignal | undefined;
  /** Makes signal and timeout kill the program: for one that leaves nothing half done and can ignore an interruption. */
  readonly kill?: boolean;
}

export interface RunResult {
  /** The exit code; undefined if the program could not be started or was ended by a signal. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** The reason why the program did not run to its end: not found, no permission, timed out. */
  readonly failure: string | undefined;
}

/** The maximum length of each output, in characters: a program that prints more is ended. */
const longestOutput = 64 * 1024 * 1024;

/** Runs a program to its end. A failure is a result, not an exception: the caller decides what it means. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const child = execa(command, args, {
    env: options.env,
    extendEnv: false,
    reject: false,
    stripFinalNewline: true,
    maxBuffer: longestOutput,
    all: options.onLine !== undefined,
    ...(options.cwd ? { cwd: options.cwd } : {}),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    ...(options.timeout ? { timeout: options.timeout } : {}),
    ...(options.kill ? { killSignal: "SIGKILL" as const } : {}),
    ...(options.dropsOutput ? { stdout: "ignore" as const, stderr: "ignore" as const } : {}),
    ...(options.signal
      ? {
          cancelSignal: options.signal,
          ...(options.kill ? {} : { killSignal: "SIGINT" as const }),
          forceKillAfterDelay: false,
          detached: true,
        }
      : {}),
  });
  if (options.onLine) {
    for await (const line of child.iterable({ from: "all" })) options.onLine(String(line));
  }
  const result = await child;
  return {
    exitCode: result.exitCode,
    stdout: String(result.stdout ?? ""),
    stderr: String(result.stderr ?? ""),
    failure: result.exitCode === undefined ? (result.shortMessage ?? "ended by a signal") : undefined,
  };
}
