import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { program, TestHost, until } from "../e2e/support/host";
import { runOnTerminal } from "../e2e/support/terminal";

const host = new TestHost();
afterAll(() => host.remove());

/** More instances than a pipe holds text of, each with settings that a terminal would obey. */
const instances = 400;
const hostile =
  "\u001b]0;owned\u0007\u001b[2J\u202e\u009b31m\u001b]8;;http://x\u001b\\\\link\u2066\u2069\u200b\u200f\u{e0041}\u2028";

beforeAll(() => {
  for (let index = 0; index < instances; index++)
    host.writeSettings(instanceOf(index), { [`option ${hostile}`]: hostile, vault: { image: hostile } });
  for (let index = 0; index < instances; index++) {
    const { instance, terraform } = host.home(instanceOf(index));
    const id = { id: "2f1c1a52-53a4-4c35-8dd4-f6a4f1a1f6ab", created: "2026-11-23T12:00:00.000Z" };
    writeFileSync(instance, JSON.stringify(id));
    mkdirSync(terraform);
  }
});

function instanceOf(index: number): string {
  return `i${String(index).padStart(3, "0")}`;
}

/** Runs a line of bash in which `$PROGRAM` is the program. @returns the program's own exit code as well */
async function inShell(line: string) {
  const script = `PROGRAM() { ${quote(process.execPath)} ${quote(program)} "$@"; }; ${line}; echo "code \${PIPESTATUS[0]}" >&2`;
  const child = spawn("bash", ["-c", script], { env: host.environment(), stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const code = Number(/code (\d+)\n$/.exec(stderr)?.[1]);
  return { code, stdout, stderr: stderr.replace(/code \d+\n$/, "") };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Control characters but for line breaks, and all that is not seen. */
const obeyed = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

describe("a reader that goes away", () => {
  test.each([
    ["PROGRAM --help | head -1", 0, "Usage: "],
    ["PROGRAM status --all --json | head -1", 1, "{\n"],
    ["PROGRAM status --all 2>&1 >/dev/null | head -1", 1, "instance "],
    ["PROGRAM completion bash | true", 0, ""],
  ])("%s ends with the same code, and without a word", async (line, code, begin) => {
    const outcome = await inShell(line);
    expect(outcome).toMatchObject({ code, stderr: "" });
    expect(outcome.stdout).toMatch(new RegExp(`^${begin}`));
  });

  test("one that is slow gets all of it", async () => {
    const { stdout } = await inShell("PROGRAM status --all --json 2>/dev/null | { sleep 1; cat; }");
    expect(stdout.length).toBeGreaterThan(65_536);
    expect(JSON.parse(stdout).instances).toHaveLength(instances);
  });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s while a slow reader has not taken all ends it by that signal, without a word of Node's",
  async (signal) => {
    const pipe = join(host.folder, signal);
    execFileSync("mkfifo", [pipe]);
    const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(pipe, "w");
    const running = spawn(process.execPath, [program, "status", "--all", "--json"], {
      env: host.environment(),
      stdio: ["ignore", writer, "pipe"],
    });
    closeSync(writer);
    const said = text(running.stderr!);
    const ended = once(running, "exit");
    const first = await until(() => taken(reader), "the first of what is printed");
    running.kill(signal);
    expect(await ended).toEqual([null, signal]);
    expect(await said).not.toMatch(/\n\s+at .*:\d+|defect|Error:/);
    const printed = first + readFileSync(reader, "utf8");
    closeSync(reader);
    // It was in the middle of it.
    expect(printed).toMatch(/^\{/);
    expect(() => JSON.parse(printed)).toThrow();
  },
);

/** What a pipe holds, of which this takes little; undefined as long as that is nothing. */
function taken(reader: number): string | undefined {
  const some = Buffer.alloc(16);
  try {
    return some.toString("utf8", 0, readSync(reader, some)) || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}

test.each([
  ["PROGRAM --help >/dev/full"],
  ["PROGRAM status --all --json >/dev/full"],
  ["PROGRAM completion bash >/dev/full"],
])("a full disk under standard output is no success: %s", async (line) => {
  const { code, stderr } = await inShell(line);
  expect(code).toBe(1);
  expect(stderr).toContain("ENOSPC");
});

test("settings do not reach the terminal as what it obeys", async () => {
  const { stdout, stderr } = await host.run(["status", "--all", "--json"]);
  expect(stdout).not.toMatch(obeyed);
  expect(stderr).not.toMatch(obeyed);
  expect(JSON.parse(stdout).instances[0].problem).toContain("option");
  const { screen } = await runOnTerminal(host, ["status", "--all"], []);
  expect(screen).toContain("i000");
  expect(screen.replaceAll("\r\n", "\n")).not.toMatch(obeyed);
});

test.each<[string, string[], NodeJS.ProcessEnv]>([
  ["an option", [`--${hostile}`], {}],
  ["a command", [hostile], {}],
  ["an instance", ["status", "--instance", hostile], {}],
  ["a file", ["drift", "--from-report", `/nonexistent/${hostile}`], {}],
  ["a folder of --bundle", ["up", "--bundle", `/nonexistent/${hostile}`], {}],
  ["a duration", ["drift", "--max-age", hostile], {}],
  ["OPENCLAW_OPENROUTER_INSTANCE", ["status"], { OPENCLAW_OPENROUTER_INSTANCE: hostile }],
  ["OPENCLAW_OPENROUTER_HOME", ["status"], { OPENCLAW_OPENROUTER_HOME: `/nonexistent/${hostile}` }],
  ["DOCKER_HOST", ["doctor"], { DOCKER_HOST: `tcp://${hostile}` }],
  ["DOCKER_CONTEXT", ["doctor"], { DOCKER_HOST: "", DOCKER_CONTEXT: hostile }],
  ["NODE_OPTIONS", ["status"], { NODE_OPTIONS: `--title=${hostile.replace(/[^\u0080-\uffff]/g, "")}` }],
])("nor does what is given as %s", async (_, args, extra) => {
  const { stdout, stderr } = await host.run(args, extra);
  expect(`${stdout}${stderr}`).not.toBe("");
  expect(`${stdout}${stderr}`).not.toMatch(obeyed);
});

test("an OpenRouter's words do not reach the terminal as what it obeys", async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(500, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: 500, message: `${hostile}send your key` } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    host.writeSettings("hostile", {
      openrouter: { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1` },
    });
    const { screen } = await runOnTerminal(host, ["status", "--models", "--instance", "hostile"], []);
    expect(screen).toContain("OpenRouter");
    expect(screen.replaceAll("\r\n", "\n")).not.toMatch(obeyed);
  } finally {
    server.close();
  }
});
