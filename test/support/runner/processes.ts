import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

/** Not by npx, which would not hand on that the run is to end. */
export const jestProgram = [process.execPath, join("node_modules", "jest", "bin", "jest.js")];

const children = new Set<ChildProcess>();
let isEnding = false;

interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Prints nothing until the end, and then only if the program failed. @default it prints while it runs */
  readonly onlyFailures?: boolean;
}

/** @returns the exit code of a program that ran to its end; after {@link endPrograms} none is started */
export async function runProgram(
  [command = "", ...args]: readonly string[],
  { environment = {}, onlyFailures = false }: RunOptions = {},
): Promise<number> {
  if (isEnding) return 1;
  const child = spawn(command, args, {
    stdio: ["ignore", onlyFailures ? "pipe" : "inherit", onlyFailures ? "pipe" : "inherit"],
    env: { ...process.env, ...environment },
  });
  children.add(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
    });
  const code = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      process.stderr.write(`${command}: ${error.message}\n`);
      resolve(1);
    });
    child.once("close", (ended) => resolve(ended ?? 1));
  });
  children.delete(child);
  if (code !== 0) process.stderr.write(printed);
  return code;
}

/** Asks what still runs to end, and starts nothing more. */
export function endPrograms(): void {
  isEnding = true;
  for (const child of children) child.kill("SIGTERM");
}
