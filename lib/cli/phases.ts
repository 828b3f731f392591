import pc from "picocolors";
import { plainLine } from "../core/plain-text";
import { type Progress, silent } from "../core/progress";
import { obeysControls, terminal } from "../report/terminal";
import type { RunPhase } from "../session/context";
import { redraw, say } from "./output";

/**
 * The minimum interval of progress lines without a terminal, in milliseconds: a log shows progress without a flood of lines.
 */
const lifeSign = 15_000;

/**
 * Shows each phase on standard error: on a terminal its progress, and everywhere a line at its end.
 * @param mayAsk whether a phase can ask a question: a prompt and a redrawn progress line exclude each other
 */
export function phaseRunner({ mayAsk = false } = {}): RunPhase {
  return obeysControls() && !mayAsk ? onTerminal : asLines;
}

const onTerminal: RunPhase = async (title, work, outcome) => {
  try {
    const result = await withProgressLine((progress) => {
      progress(title);
      return work((line) => progress(`${title}: ${line}`));
    });
    sayDone(title, outcome?.(result), pc.green("✔"));
    return result;
  } catch (error) {
    say(`${pc.red("✖")} ${title}`);
    throw error;
  }
};

const asLines: RunPhase = async (title, work, outcome) => {
  let last = Date.now();
  const result = await work((line) => {
    if (Date.now() - last < lifeSign) return;
    last = Date.now();
    say(`  ${title}: ${line}`);
  });
  sayDone(title, outcome?.(result), "✔");
  return result;
};

function sayDone(title: string, said: string | undefined | null, mark: string): void {
  if (said !== null) say(`${mark} ${said ? `${title}: ${said}` : title}`);
}

/** The signs that a progress line begins with in turn: it moves, so that a person sees that the work goes on. */
const turns = [..."⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"];

/** Shows the progress of work on a line that is redrawn on a terminal, and cleared at its end; without a terminal, nothing. */
export async function withProgressLine<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!obeysControls()) return work(silent);
  let shown = "";
  let turn = 0;
  const show = (text: string) => {
    shown = text;
    redraw(plainLine(`${turns[turn % turns.length]} ${text}`).slice(0, terminal().width - 1));
  };
  const timer = setInterval(() => {
    turn++;
    if (shown !== "") show(shown);
  }, 80).unref();
  return work(show).finally(() => {
    clearInterval(timer);
    redraw("");
  });
}
