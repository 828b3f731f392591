import { childEnvironment } from "../../../core/system/environment";
import { run } from "../../../core/system/process";
import { exchangeable } from "../../../host/trusted-files";
import type { AlertMessage } from "../../../model/alert";
import type { Delivery } from "../delivery";

/** The program and the arguments of a command line: words between blanks. No shell reads it. */
export function wordsOf(commandLine: string): string[] {
  return commandLine.trim().split(/\s+/);
}

/** The reason why root must not run a program; undefined if it may. */
export function reasonAgainstProgram(program: string): string | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const found = exchangeable([program]);
  return found && `${found.path} ${found.why}`;
}

/** Runs the program with the message as JSON on its standard input. @param timeout milliseconds */
export async function runCommandOf(
  commandLine: string,
  message: AlertMessage,
  timeout: number,
): Promise<Delivery> {
  const [program = "", ...args] = wordsOf(commandLine);
  const reason = reasonAgainstProgram(program);
  if (reason)
    return { result: "refused", answer: `as root it would run what another user can exchange: ${reason}` };
  const { exitCode } = await run(program, args, {
    env: childEnvironment(),
    input: `${JSON.stringify(message)}\n`,
    timeout,
    dropsOutput: true,
  });
  if (exitCode === 0) return { result: "delivered" };
  // The failure's own text would repeat the arguments, which can hold a secret.
  const answer = exitCode === undefined ? "it did not run to its end" : `exit code ${exitCode}`;
  return { result: "later", answer };
}
