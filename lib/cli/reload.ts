import { UserError } from "../core/errors";
import { say } from "./output";

/** Runs a shell command and prints its output. @throws UserError if the command fails */
export async function runReload(command: string): Promise<void> {
  const { childEnvironment } = await import("../core/environment");
  const { run } = await import("../core/process");
  const { exitCode, failure } = await run("/bin/sh", ["-c", command], {
    env: childEnvironment({}, process.env, { secrets: true }),
    onLine: say,
  });
  if (exitCode === 0) return;
  throw new UserError({
    problem: "The command of --reload failed.",
    got: failure ?? `exit code ${exitCode}`,
  });
}
