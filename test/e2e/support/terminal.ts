import { spawn } from "node:child_process";
import { program, type TestHost } from "./host";

/** What a person does at a prompt. */
export interface Answer {
  /** Waited for on the screen, after what the answers before waited for. */
  readonly to: RegExp;
  readonly type: string;
  /** What happens before it is typed, such as what a person does in a browser meanwhile. */
  readonly before?: () => Promise<void>;
}

export interface TerminalOutcome {
  readonly code: number | null;
  /** All that was ever on the screen. */
  readonly screen: string;
}

/** Runs the program on a terminal of its own (util-linux's `script`), of 80 columns, where somebody answers what it asks. */
export function runOnTerminal(
  host: TestHost,
  args: readonly string[],
  answers: readonly Answer[],
  {
    within = [],
    extra = {},
  }: {
    /** The command line before the program's. */
    readonly within?: readonly string[];
    readonly extra?: NodeJS.ProcessEnv;
  } = {},
): Promise<TerminalOutcome> {
  const command = [...within, process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfec", `stty cols 80 rows 40; ${command}`, "/dev/null"], {
    cwd: host.folder,
    env: host.environment({ TERM: "xterm", ...extra }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  let seen = 0;
  // What a first good `up` offers at its end.
  const offers = [
    // At the end of the screen, behind which only the cursor moves: it is drawn again while somebody types.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: how the cursor is moved.
    { to: /If that is meant, type why[^\n]*: (\u001b\[[\d;]*[A-Za-z])*$/, type: "" },
    { to: /Have this host check/, type: "n" },
  ];
  const left = [...answers];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    screen += chunk;
    const isAsked = ({ to }: Answer) => to.test(screen.slice(seen));
    const answer = left[0] && isAsked(left[0]) ? left.shift() : offers.find(isAsked);
    if (!answer) return;
    seen = screen.length;
    const typed = () => child.stdin.write(`${answer.type}\r`);
    if ("before" in answer && answer.before) void answer.before().then(typed);
    else typed();
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, screen }));
  });
}
