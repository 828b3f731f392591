import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { sandboxInstance } from "../config/sandbox";
import { allowing } from "../core/attempt";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { forgetUnusableTmpdir } from "../core/files/temporary-folder";
import { requireTrusted } from "../core/files/trusted-path";
import { waitForEachAddress } from "../core/network/connect-time";
import { untrustedProgram } from "../host/trusted-files";
import { isKeyIn, selectInstance } from "../store/select";
import { isInteractive } from "./input/prompts";
import { endWithLostTerminal } from "./lost-terminal";
import { endJson, guardOutput, oweJson, reportError, say } from "./output";
import { buildProgram } from "./program";
import { fromSchedule, runScheduled } from "./scheduled";

export { runApp } from "./app";

/** Runs one command; without a command, prints the overview. `argv` is `process.argv`. */
export async function main(argv: string[]): Promise<void> {
  guardOutput();
  waitForEachAddress();
  endWithLostTerminal();
  oweJson(argv.includes("--json"));
  for (const ignored of forgetUnusableTmpdir()) say(`! ${ignored}: ${tmpdir()} is used instead.`);
  // Node would take the current folder for it, and write the shares there.
  if (process.env.HOME === "") delete process.env.HOME;
  try {
    requireFolder();
    // Terraform reads the last two, and Node by an option.
    const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR = "" } = process.env;
    for (const path of [NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, ...SSL_CERT_DIR.split(":")])
      if (path) requireTrusted(path, "The certificate of NODE_EXTRA_CA_CERTS, SSL_CERT_FILE or SSL_CERT_DIR");
    const { args, scheduled } = fromSchedule(argv.slice(2));
    guard(args);
    const run = () => buildProgram().parseAsync(args, { from: "user" });
    if (args.length === 0) {
      const { showOverview } = await import("./overview");
      process.exitCode = await showOverview();
    } else await (scheduled ? runScheduled(scheduled, run) : run());
  } catch (error) {
    process.exitCode = reportError(error);
  }
  endJson(Number(process.exitCode ?? ExitCode.Ok));
}

/**
 * The shell of a person stays in a folder that was deleted, or cloned again.
 * @throws UserError
 */
function requireFolder(): void {
  if (allowing("ENOENT", () => process.cwd()) !== undefined) return;
  throw new UserError({
    problem: "The folder in which this runs was deleted.",
    expected: "a folder that is there: settings are looked for in it",
    fix: 'Go to one, such as the new one of this name (cd "$PWD"), and run this again.',
  });
}

/** Arguments that only print a text. */
const harmless = /^(help|completion|--?(h|help|V|version))$/;

/**
 * Refuses to run as root a program that another user can replace. For the sandbox, which holds no secret, it only warns.
 * @throws UserError
 */
function guard(args: readonly string[]): void {
  if (args.length === 0 || args.some((argument) => harmless.test(argument))) return;
  const problem = untrustedProgram();
  if (!problem) return;
  if (!isOfSandbox(args)) throw problem;
  say(`! ${problem.message}`);
}

/** The options of all commands that have a short form and a value. */
const shortOptions = {
  instance: { type: "string", short: "i" },
  settings: { type: "string", short: "s" },
  out: { type: "string", short: "o" },
} as const;

/** Reads the arguments before commander does; in doubt the answer is no. */
function isOfSandbox(args: readonly string[]): boolean {
  const { instance } = parseArgs({ args: [...args], options: shortOptions, strict: false }).values;
  const named = typeof instance === "string" ? instance : undefined;
  // A person may be asked for a key, which is never for the sandbox.
  if (!(named ?? process.env.OPENCLAW_OPENROUTER_INSTANCE) && isInteractive()) return false;
  // A backup and an invitation hold a key, whichever instance is deployed here.
  const keyGiven =
    isKeyIn(process.env) ||
    args.some((each) => each.startsWith("--key")) ||
    /^(restore|backup verify|host join)\b/.test(args.join(" "));
  const begins = ["up", "deploy"].includes(args[0] ?? "");
  return selectInstance({ named, keyGiven, begins }) === sandboxInstance;
}
