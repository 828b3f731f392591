import { CommanderError } from "commander";
import { SystemError, UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { plain, plainJson } from "../core/plain-text";
import { runnable } from "../host/program-name";
import { terminal } from "../report/terminal";

/** The colours that reports are painted with. A text of somebody else's that holds the same can do no more than paint. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a colour begins with.
const paint = /(\u001b\[(?:0|1|2|22|31|32|33|36|39)m)/;
const unpainted = "\u001b[0m";

/**
 * Text for people goes to standard error; standard output is `--json`'s alone. This is the one place that prints: what a
 * terminal would obey is taken out here, since much of what is said comes from archives, servers and other people's files. The
 * commands in it run on this host; those in JSON name the program.
 */
export function say(text: string): void {
  process.stderr.write(`${shown(runnable(text))}\n`);
}

/** A text as {@link say} writes it. On a terminal colours stay, and end with the text. */
export function shown(text: string): string {
  if (!terminal().colour || !paint.test(text)) return plain(text);
  const parts = text.split(paint).map((part) => (paint.test(part) ? part : plain(part)));
  return `${parts.join("")}${unpainted}`;
}

/** Whether text for people is written to a terminal. */
export function isTerminal(): boolean {
  return process.stderr.isTTY === true;
}

/** Draws on a terminal what is not text: its cursor's moves, its second screen. A text that goes with it is {@link plain}. */
export function draw(sequence: string): void {
  process.stderr.write(sequence);
}

/** Where the libraries of prompts and of lists of tasks draw; their texts are given to them {@link plain}. */
export const surface = process.stderr;

/** A result for programs. */
export function printJson(value: unknown): void {
  print(plainJson(value));
}

/** A text of our own for programs, such as a shell's completion. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/**
 * What happens when nobody takes what is printed. A reader that is gone, as `head` is, changes nothing: the run goes on to its
 * end, since it may be in the middle of a change. A disk that is full does: half a report must not pass for one.
 */
export function guardOutput(): void {
  let lost: string | undefined;
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (lost || readerIsGone.has(code ?? "")) return;
    lost = code ?? "an unknown error";
    say(
      `What was to be printed could not be written to standard output: ${lost}. See that its disk has room.`,
    );
  });
  process.on("exit", () => {
    if (lost) process.exitCode = ExitCode.Failed;
  });
}

const readerIsGone = new Set(["EPIPE", "ECONNRESET", "EIO"]);

/** Tells an error to the person who ran the command. @returns the exit code */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // `commander.help`: a group without a command has printed its own.
    return error.exitCode === 0 || error.code === "commander.help" ? ExitCode.Ok : ExitCode.WrongUsage;
  }
  if (error instanceof UserError) {
    say(plain(error.message));
    return error.exitCode;
  }
  if (error instanceof SystemError) {
    say(plain(error.message));
    return ExitCode.Failed;
  }
  // Ctrl-C at a prompt.
  if (error instanceof Error && error.name === "ExitPromptError") return ExitCode.Interrupted;
  say(plain(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  say("\nThis is a defect of openclaw-openrouter: please report it.");
  return ExitCode.Failed;
}
