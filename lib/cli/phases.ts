import pc from "picocolors";
import { plain, plainLine } from "../core/plain-text";
import { type Progress, silent } from "../core/progress";
import { obeysControls, terminal } from "../report/terminal";
import type { RunPhase } from "../session/context";
import { draw, say, surface } from "./output";

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
  const { Listr, ListrLogger, ProcessOutput } = await import("listr2");
  let result: Awaited<ReturnType<typeof work>>;
  try {
    await new Listr(
      {
        title,
        task: async (_, task) => {
          result = await work((line) => {
            task.output = plain(line);
          });
        },
      },
      {
        // A run that is interrupted ends what is under way, and then itself (`interruptible`); listr2 would end it at once.
        registerSignalListeners: false,
        rendererOptions: {
          // The line at the end is printed below.
          clearOutput: true,
          showErrorMessage: false,
          collapseErrors: false,
          logger: new ListrLogger({ processOutput: new ProcessOutput(surface, surface) }),
        },
      },
    ).run();
  } catch (error) {
    say(`${pc.red("✖")} ${title}`);
    throw error;
  }
  sayDone(title, outcome?.(result!), pc.green("✔"));
  return result!;
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

/** Shows the progress of work on a line that is redrawn on a terminal, and cleared at its end; without a terminal, nothing. */
export async function withProgressLine<T>(work: (progress: Progress) => Promise<T>): Promise<T> {
  if (!obeysControls()) return work(silent);
  const clear = () => draw("\r\x1b[2K");
  const show = (text: string) => {
    clear();
    draw(plainLine(`… ${text}`).slice(0, terminal().width - 1));
  };
  return work(show).finally(clear);
}
