import { CommanderError } from "commander";
import { defaultInstance } from "../config/sandbox";
import { ExitCode } from "../core/exit-codes";
import { plain, plainJson, plainLine } from "../core/plain-text";
import { asUserError } from "../core/refused";
import { runnable } from "../host/program-name";
import { namingInstance } from "../report/clean";
import { errorNaming, errorReportOf } from "../report/error-report";
import { terminal } from "../report/terminal";

/** The colours of reports. A foreign text that holds them can only change colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what a colour begins with.
const paint = /(\u001b\[(?:0|1|2|22|31|32|33|36|39)m)/;
const unpainted = "\u001b[0m";

let spokenOf = defaultInstance;

/** Names the run's instance: the commands in all later texts for people are for it. */
export function speakOf(instance: string): void {
  spokenOf = instance;
}

/**
 * Prints text for people on standard error; standard output is reserved for `--json`. All text is printed here: control
 * sequences are removed, because much of it comes from archives, servers and other people's files. Commands in the text run on
 * this host, for the run's instance; commands in JSON name the program.
 */
export function say(text: string): void {
  write(shown(runnable(namingInstance(spokenOf, text))));
}

/** Prints a text about other hosts: its commands are run there, so they name the program alone. */
export function sayOfOthers(text: string): void {
  write(shown(text));
}

const clearLine = "\r\u001b[2K";

/** Whether the terminal's last line is one that {@link redraw} wrote: the next text goes over it, not behind it. */
let isDrawn = false;

function write(text: string): void {
  process.stderr.write(`${isDrawn ? clearLine : ""}${text}\n`);
  isDrawn = false;
}

/** Writes a terminal's last line again, such as a progress line; nothing clears it. Pass the text through {@link plainLine}. */
export function redraw(line: string): void {
  process.stderr.write(clearLine + line);
  isDrawn = line !== "";
}

/** A text as {@link say} writes it. On a terminal, colours stay and are reset at the end. */
function shown(text: string): string {
  if (!terminal().colour || !paint.test(text)) return plain(text);
  const parts = text.split(paint).map((part) => (paint.test(part) ? part : plain(part)));
  return `${parts.join("")}${unpainted}`;
}

/** Whether standard error is a terminal. */
export function isTerminal(): boolean {
  return process.stderr.isTTY === true;
}

/** Writes control sequences to a terminal: cursor moves, the second screen. Pass text in them through {@link plain}. */
export function draw(sequence: string): void {
  process.stderr.write(sequence);
}

/** The stream for the libraries of prompts; pass their texts through {@link plain}. */
export const surface = process.stderr;

/** Whether a program waits for JSON on standard output. */
let owesJson = false;

/** Begins a run. @param wanted whether it has `--json`, and so ends with one JSON object on standard output */
export function oweJson(wanted: boolean): void {
  owesJson = wanted;
}

/** Prints a result for programs. */
export function printJson(value: unknown): void {
  owesJson = false;
  print(plainJson(value));
}

/** Prints an error for programs, unless they have a result. Its commands are for the run's instance. */
function printError(...about: Parameters<typeof errorReportOf>): void {
  if (!owesJson) return;
  const { error, ...head } = errorReportOf(...about);
  printJson({ ...head, error: errorNaming(spokenOf, error) });
}

/** Ends a run: one that a person stopped, by Ctrl-C or an answer, has neither a result nor an error. */
export function endJson(code: ExitCode): void {
  if (code === ExitCode.Ok) return;
  const problem =
    code === ExitCode.Interrupted
      ? "The run was interrupted. The next run resumes from there."
      : "The run ended without a result: standard error says why.";
  printError({ problem }, code);
}

/** Prints a text of this program for other programs, such as a completion script. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/**
 * Handles failed writes to standard output. If the reader has gone, as with `head`, the run continues, because it can be in the
 * middle of a change. If the disk is full, the run fails: half a report must not pass for a whole one.
 */
export function guardOutput(): void {
  let lost: string | undefined;
  process.stderr.on("error", () => {});
  process.stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
    if (lost || readerIsGone.has(code ?? "")) return;
    lost = code ?? "an unknown error";
    say(`The result could not be written to standard output: ${lost}. Check that its disk has room.`);
  });
  process.on("exit", () => {
    if (lost) process.exitCode = ExitCode.Failed;
  });
}

const readerIsGone = new Set(["EPIPE", "ECONNRESET", "EIO"]);

/** Prints an error for the person who ran the command, and for a program with `--json`. @returns the exit code */
export function reportError(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    // `commander.help`: a group without a command has already printed its help.
    if (error.exitCode === 0 || error.code === "commander.help") return ExitCode.Ok;
    printError({ problem: plainLine(error.message.replace(/^error: /, "")) }, ExitCode.WrongUsage);
    return ExitCode.WrongUsage;
  }
  const told = asUserError(error);
  if (told) {
    say(plain(told.message));
    printError(told.props, told.exitCode);
    return told.exitCode;
  }
  // Ctrl-C at a prompt.
  if (error instanceof Error && error.name === "ExitPromptError") return ExitCode.Interrupted;
  say(plain(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  say("\nThis is a defect of openclaw-openrouter: please report it.");
  printError(
    { problem: error instanceof Error ? error.message : String(error), fix: "Please report it." },
    ExitCode.Failed,
    "defect",
  );
  return ExitCode.Failed;
}
