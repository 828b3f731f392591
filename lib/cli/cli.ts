import { sandboxInstance } from "../config/sandbox";
import { requireTrusted } from "../core/files/trusted-path";
import { untrustedProgram } from "../host/trusted-files";
import { selectInstance } from "../store/select";
import { guardOutput, reportError, say } from "./output";
import { buildProgram } from "./program";
import { fromSchedule } from "./scheduled";

export { runApp } from "./app";

/** Runs one command; without one, says how things stand. `argv` as the process has it. */
export async function main(argv: string[]): Promise<void> {
  guardOutput();
  try {
    if (process.env.NODE_EXTRA_CA_CERTS)
      requireTrusted(process.env.NODE_EXTRA_CA_CERTS, "The certificate of NODE_EXTRA_CA_CERTS");
    const args = fromSchedule(argv.slice(2));
    guard(args);
    if (args.length === 0) {
      const { showOverview } = await import("./overview");
      process.exitCode = await showOverview();
    } else await buildProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

/** What shows a text and runs nothing else. */
const harmless = /^(help|completion|--?(h|help|V|version))$/;

/**
 * As root nothing runs that another user could exchange; of the sandbox, which has nothing to lose, it is only said.
 * @throws UserError
 */
function guard(args: readonly string[]): void {
  if (args.length === 0 || args.some((argument) => harmless.test(argument))) return;
  const problem = untrustedProgram();
  if (!problem) return;
  if (!isOfSandbox(args)) throw problem;
  say(`! ${problem.message}`);
}

/** Read before the options are: who is not sure is refused. */
function isOfSandbox(args: readonly string[]): boolean {
  const at = args.findIndex((argument) => /^--instance(=|$)/.test(argument));
  const given = args[at]?.includes("=") ? args[at]?.split("=")[1] : args[at + 1];
  const named = at === -1 ? undefined : given;
  const keyGiven = Boolean(process.env.OPENROUTER_API_KEY) || args.some((each) => each.startsWith("--key"));
  const begins = ["up", "deploy"].includes(args[0] ?? "");
  return selectInstance({ named, keyGiven, begins }) === sandboxInstance;
}
