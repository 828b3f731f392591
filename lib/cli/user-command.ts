import { say } from "./output";

/** Runs a shell command of an option, with the whole environment, and prints its output. @returns why it failed, if it did */
export async function runUserCommand(command: string): Promise<string | undefined> {
  const { childEnvironment } = await import("../core/system/environment");
  const { run } = await import("../core/system/process");
  const { exitCode, failure } = await run("/bin/sh", ["-c", command], {
    env: childEnvironment({}, process.env, { secrets: true }),
    onLine: say,
  });
  return exitCode === 0 ? undefined : (failure ?? `exit code ${exitCode}`);
}
