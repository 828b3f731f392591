import { ensureHome } from "../lib/instance/home";
import { journal } from "../lib/instance/journal";
import { readKeyRecord } from "../lib/instance/key-record";
import { type Lock, takeLock } from "../lib/instance/lock";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import { reportError, say } from "./output";

/** Ctrl-C, a service manager's stop, and a terminal or ssh session that is gone. */
const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a verb works with that changes an instance. */
export interface VerbRun {
  readonly lock: Lock;
  /** Aborted by Ctrl-C or SIGTERM; a second one ends the program at once. */
  readonly signal: AbortSignal;
}

/**
 * Runs a verb that changes an instance: alone, interruptible, with a line in the journal.
 * @returns the exit code
 */
export async function runVerb(
  verb: string,
  deployment: Deployment,
  work: (run: VerbRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  ensureHome(deployment.home.root);
  const lock = takeLock(deployment.home.lock, verb);
  const interruption = new AbortController();
  const interrupt = () => {
    if (interruption.signal.aborted) process.exit(ExitCode.Interrupted);
    say("\nInterrupted: ending what is under way. The next run goes on from here.");
    interruption.abort(new Error("interrupted"));
  };
  for (const name of interruptions) process.on(name, interrupt);
  let code = ExitCode.Failed;
  try {
    const { certificateOwnerOf, renewCertificate } = await import("../lib/deploy/renew-certificate");
    await renewCertificate(certificateOwnerOf(deployment));
    code = await work({ lock, signal: interruption.signal });
  } catch (error) {
    if (!interruption.signal.aborted) code = reportError(error);
  } finally {
    for (const name of interruptions) process.off(name, interrupt);
    journal(deployment.home.journal, {
      verb,
      result: interruption.signal.aborted ? "interrupted" : (ExitCode[code] ?? "Failed"),
      ...keyInForce(deployment),
    });
    lock.release();
  }
  return interruption.signal.aborted ? ExitCode.Interrupted : code;
}

/** A record that cannot be read is the verb's own to tell. */
function keyInForce({ home }: Deployment): { key?: string } {
  try {
    const { fingerprint } = readKeyRecord(home);
    return fingerprint ? { key: fingerprint } : {};
  } catch {
    return {};
  }
}
