import pc from "picocolors";
import { plain } from "../core/plain-text";
import type { RunPhase } from "../session/context";
import { isTerminal, say, surface } from "./output";

/** Without a terminal a line is said at most this often, in milliseconds, so that a log shows life and no flood. */
const lifeSign = 15_000;

/**
 * Shows each phase: on a terminal what it is at, and everywhere a line once it is done; always on standard error.
 * @param mayAsk whether a phase may ask for something: a prompt and a line that is drawn again and again do not go together
 */
export function phaseRunner({ mayAsk = false } = {}): RunPhase {
  return isTerminal() && !mayAsk ? onTerminal : asLines;
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
        rendererOptions: {
          // What is left of it is said below, or nothing.
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
