import pc from "picocolors";
import type { RunPhase } from "../lib/deploy/context";
import { plain } from "../lib/plain-text";
import { isTerminal, say, surface } from "./output";

/** Without a terminal a line is said at most this often, in milliseconds, so that a log shows life and no flood. */
const lifeSign = 15_000;

/**
 * Shows phases as a task list on a terminal, as plain lines elsewhere; always on standard error.
 * @param mayAsk whether a phase may ask for something: a prompt and a list that is drawn again and again do not go together
 */
export function phaseRunner({ mayAsk = false } = {}): RunPhase {
  return isTerminal() && !mayAsk ? onTerminal : asLines;
}

const onTerminal: RunPhase = async (title, work, outcome) => {
  const { Listr, ListrLogger, ProcessOutput } = await import("listr2");
  let result: Awaited<ReturnType<typeof work>>;
  await new Listr(
    {
      title,
      task: async (_, task) => {
        result = await work((line) => {
          task.output = plain(line);
        });
        const said = outcome?.(result);
        task.title = said ? `${title}: ${pc.dim(plain(said))}` : title;
      },
    },
    {
      rendererOptions: {
        showErrorMessage: false,
        collapseErrors: false,
        logger: new ListrLogger({ processOutput: new ProcessOutput(surface, surface) }),
      },
    },
  ).run();
  return result!;
};

const asLines: RunPhase = async (title, work, outcome) => {
  let last = Date.now();
  const result = await work((line) => {
    if (Date.now() - last < lifeSign) return;
    last = Date.now();
    say(`  ${title}: ${line}`);
  });
  const said = outcome?.(result);
  say(`✔ ${said ? `${title}: ${said}` : title}`);
  return result;
};
