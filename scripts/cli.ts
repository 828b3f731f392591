import { requireTrusted } from "../lib/host/trusted-path";
import { guardOutput, reportError } from "./output";
import { buildProgram } from "./program";

export { runApp } from "./app";

/** Runs one verb. `argv` as the process has it. */
export async function main(argv: string[]): Promise<void> {
  guardOutput();
  try {
    if (process.env.NODE_EXTRA_CA_CERTS)
      requireTrusted(process.env.NODE_EXTRA_CA_CERTS, "The certificate of NODE_EXTRA_CA_CERTS");
    await buildProgram().parseAsync(argv);
  } catch (error) {
    process.exitCode = reportError(error);
  }
}
