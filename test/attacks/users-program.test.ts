import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { buildSync } from "esbuild";
import { accountOf } from "../../lib/core/system/os-user";
import { runUsersProgram, versionOfUsersProgram } from "../../lib/host/users-program";
import { openclawPaths } from "../../lib/model/openclaw/openclaw-paths";
import { until } from "../e2e/support/host";
import { scratchFolder } from "../support/folder";
import { attacker } from "./support/hostile-folder";

jest.setTimeout(60_000);

const place = scratchFolder();
const folder = join(place, "openclaw");
const loot = join(place, "loot");
const paths = openclawPaths(folder);
const nobody = accountOf("nobody");

beforeAll(() => {
  chmodSync(place, 0o755);
  for (const path of [folder, paths.own, loot]) {
    mkdirSync(path);
    chownSync(path, attacker, attacker);
  }
});

function program(path: string, script: string): string {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chownSync(path, attacker, attacker);
  chmodSync(path, 0o700);
  return path;
}

const looted = (name: string) => readFileSync(join(loot, name), "utf8").trim();
const run = (script: string, timeout = 10_000) =>
  runUsersProgram(program(join(folder, "program"), script), {
    account: nobody,
    env: {},
    cwd: folder,
    input: "",
    timeout,
  });

/** Waits until no process with such a word in its arguments is left: a killed one is still listed for a moment. */
const ended = (word: string) => until(() => running(word).length === 0, `the end of ${word}`, 10);

/** Seconds that no other run of the tests on this machine names. */
const marker = String(randomInt(1_000_000, 9_000_000));

/** The attacker's processes that a test began, by a word in their arguments. */
function running(word: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word);
    } catch {
      return false;
    }
  });
}

test("neither the resolver nor its Node gets at root's terminal", async () => {
  const steal = (name: string) =>
    `(: 3<>/dev/tty) 2>/dev/null && echo opened > ${loot}/${name} || echo none > ${loot}/${name}`;
  const answer = `{"protocolVersion":1,"values":{"openrouter/api_key":"k"}}`;
  program(paths.resolver, `${steal("resolver")}\necho '${answer}'`);
  const node = program(join(folder, "node"), `${steal("node")}\necho v20.0.0`);
  const child = join(place, "child.js");
  buildSync({
    entryPoints: [join(__dirname, "support/ask-child.ts")],
    outfile: child,
    bundle: true,
    platform: "node",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  const command = `${process.execPath} ${child} '${JSON.stringify({ folder, node })}'`;
  const terminal = spawn("script", ["-qfec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  const screen = await text(terminal.stdout);
  expect(screen).toContain("the terminal is there");
  expect(screen).toContain('{"key":"k"}');
  expect(screen).toContain(node);
  expect([looted("resolver"), looted("node")]).toEqual(["none", "none"]);
});

test("what it leaves behind is ended with it, and holds nothing up", async () => {
  const { exitCode, stdout } = await run("sleep 987654 &\necho done");
  expect([exitCode, stdout]).toEqual([0, "done\n"]);
  await ended("987654");
});

test("what leaves its group holds nothing up either", async () => {
  const started = Date.now();
  const script = `setsid sh -c 'echo $$ > ${loot}/pid; exec sleep ${marker}' &\nsleep 0.2`;
  const { exitCode } = await run(script, 120_000);
  expect(exitCode).toBe(0);
  expect(Date.now() - started).toBeLessThan(60_000);
  for (const pid of running(marker)) process.kill(Number(pid), "SIGKILL");
});

test("it ends in time", async () => {
  expect(await run("sleep 987652", 300)).toMatchObject({ failure: "it did not end within 0.3 s" });
  await ended("987652");
});

test("what floods its output is ended", async () => {
  expect(await run("exec yes")).toMatchObject({ failure: expect.stringContaining("printed more than") });
});

test("it gets no environment, no other group and no folder of root's", async () => {
  const { stdout } = await run("env; id; pwd");
  expect(stdout).not.toMatch(/HOME=|PATH=\/usr\/local/);
  expect(stdout).toContain(`uid=${attacker}`);
  expect(stdout).not.toContain("root");
  expect(stdout).toContain(folder);
});

test("a Node that hangs or floods is none", async () => {
  const node = (script: string) => versionOfUsersProgram(program(join(folder, "node"), script), nobody);
  expect(node("exec yes")).toBeUndefined();
  expect(node("sleep 987651 > /dev/null &\necho v20.0.0")).toBe("v20.0.0\n");
  await ended("987651");
});
