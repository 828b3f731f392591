import { text } from "node:stream/consumers";
import { wrongUsage } from "../../core/errors";
import { askSecret, isInteractive } from "./prompts";

/**
 * Who is called or told. A URL is a secret, since everybody who knows it can write there, and other users of the host see
 * arguments.
 * @param command the command of `alerts` that asks
 * @param what what is asked for: "URL"
 * @throws UserError if nobody can be asked and standard input is empty
 */
export async function askReceiver(command: "add" | "heartbeat", what: string): Promise<string> {
  if (isInteractive()) return askSecret(`${what} (not shown):`);
  const given = process.stdin.isTTY ? "" : (await text(process.stdin)).trim();
  if (given) return given;
  throw wrongUsage({
    problem: "Nobody can be asked here, and nothing was given on standard input.",
    expected: `a ${what}`,
    fix: `cat FILE | openclaw-openrouter alerts ${command}`,
  });
}
