import { spawn } from "node:child_process";
import { consoleBlocks, root, writtenPages } from "../support/docs";
import { TestHost } from "./support/host";

const host = new TestHost();
afterAll(() => host.remove());

/** What a shell has besides the program: npm in the clone, wherever a page's reader is. */
const prelude = `npm() { command npm --prefix "$CLONE" "$@"; }\nset -e\n`;

/** The README first: its `npm start` deploys the sandbox, of which all pages speak. */
const blocks = writtenPages()
  .flatMap((page) => consoleBlocks(page))
  .filter(({ notRun }) => notRun === undefined);

test.each(blocks.map((block) => [`${block.page}:${block.line}`, block] as const))(
  "%s runs, and prints what the page shows",
  async (_, { commands, output }) => {
    const { code, printed } = await shell(commands.map(newestBackup).join("\n"));
    expect([code, printed]).toEqual([0, printed]);
    expect(output.map(headOf).filter((head) => head && !printed.includes(head))).toEqual([]);
  },
);

/** A backup's file is named by the time at which it was made: the newest one stands in for that of a page. */
function newestBackup(command: string): string {
  return command.replace(
    /\S+\/\w+-\d{8}T\d{6}Z\.tar/g,
    '"$(ls -t ~/.openclaw-openrouter-backups/sandbox/*.tar | head -1)"',
  );
}

/** The start of a line that tells a step or a check that passed: what follows is of its day. */
function headOf(line: string): string | undefined {
  return /^✔ .+?(?=:| {2}|$)/.exec(line)?.[0];
}

function shell(script: string): Promise<{ code: number | null; printed: string }> {
  const child = spawn("sh", ["-c", prelude + script], {
    cwd: host.folder,
    env: host.environment({ CLONE: root }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      printed += chunk;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, printed }));
  });
}
