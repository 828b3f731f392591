import { isatty } from "node:tty";
import { attempt } from "../core/attempt";
import { defined } from "../core/defined";
import { ExitCode } from "../core/exit-codes";
import type { Deployment } from "../model/deployment";
import { ensureHome } from "../store/home";
import { journal } from "../store/journal";
import { type Lock, takeLock, waitForBriefRun } from "../store/lock";
import { readKeyRecord } from "../store/records/key-record";
import { reportError, say } from "./output";

/** Ctrl-C, a service manager's stop, and a terminal or ssh session that is gone. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The context of a command that changes an instance. */
export interface CommandRun {
  readonly lock: Lock;
  /** Aborted by Ctrl-C, SIGTERM or the end of its terminal; a second one ends the program at once. */
  readonly signal: AbortSignal;
}

/**
 * Runs a command that changes an instance: under the lock, interruptible, with a line in the journal.
 * @returns the exit code
 */
export async function runCommand(
  command: string,
  deployment: Deployment,
  work: (run: CommandRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  ensureHome(deployment.home.root);
  const { lock: path } = deployment.home;
  await waitForBriefRun(path, (other) => say(`waiting for ${other.command} (pid ${other.pid}) to end`));
  const lock = takeLock(path, command);
  const { certificateOwnerOf, renewCertificate } = await import("../session/renew-certificate");
  const code = await interruptible(async (signal) => {
    await renewCertificate(certificateOwnerOf(deployment));
    return work({ lock, signal });
  });
  const result = code === ExitCode.Interrupted ? "interrupted" : (ExitCode[code] ?? "Failed");
  // An unreadable record is left out: the command itself reports it.
  const key = attempt(() => readKeyRecord(deployment.home).fingerprint);
  journal(deployment.home.journal, { command, result, ...defined({ key }) });
  lock.release();
  return code;
}

/**
 * Runs work that can be interrupted and then ends cleanly. Prints its errors.
 * @returns the exit code
 */
export async function interruptible(work: (signal: AbortSignal) => Promise<ExitCode>): Promise<ExitCode> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  const interrupt = (name: NodeJS.Signals) => {
    // Under nohup the end of a terminal is not this run's. Node does not keep what nohup told it to ignore.
    if (name === "SIGHUP" && !hasTerminal) return;
    if (signal.aborted) process.exit(ExitCode.Interrupted);
    say("\nInterrupted: ending what is under way. The next run resumes from here.");
    interruption.abort(new Error("interrupted"));
  };
  for (const name of interruptions) process.on(name, interrupt);
  let code = ExitCode.Failed;
  try {
    code = await work(signal);
  } catch (error) {
    if (!signal.aborted) code = reportError(error);
  } finally {
    for (const name of interruptions) process.off(name, interrupt);
  }
  return signal.aborted ? ExitCode.Interrupted : code;
}
