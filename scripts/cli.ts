import { guardOutput, reportError } from "./output";
import { buildProgram } from "./program";

export { runApp } from "./app";

/** Runs one verb. `argv` as the process has it. */
export async function main(argv: string[]): Promise<void> {
  guardOutput();
  try {
    await buildProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
