import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../../lib/core/system/os-user";
import { askGateway } from "../../../lib/openclaw/gateway/ask";
import { scratchFolder } from "../../support/folder";
import { testAsRoot } from "../../support/skip";

const folder = scratchFolder();
const log = join(folder, "log");
const account = { ...accountOf(), home: folder };

/** Asks a program in OpenClaw's place, which notes when it begins and ends. @param time for all questions, in milliseconds */
function ask(script: string, time: number) {
  const path = join(folder, "openclaw");
  const noting = `const args = process.argv.slice(2).join(" "), note = (what) => require("fs").appendFileSync("${log}", what + "\\n");
    note("begin " + args); process.on("exit", () => note("end"));`;
  writeFileSync(path, `#!${process.execPath}\n${noting}\n${script}\n`);
  chmodSync(path, 0o700);
  writeFileSync(log, "");
  const program = { path, args: [] };
  return askGateway({
    account,
    folder,
    program,
    end: Date.now() + time,
    isDeclared: () => false,
    onlyOurs: true,
  });
}
const noted = () => readFileSync(log, "utf8").trim().split("\n");

test("one process at a time, each to its end", async () => {
  const script = `setTimeout(() => console.log(args.startsWith("agents")
    ? '[{ "id": "a", "model": "x" }, { "id": "b", "model": "y" }]' : '{ "resolvedDefault": "x/y" }'), 50)`;
  expect(await ask(script, 60_000)).toEqual({
    agents: [
      { id: "a", model: "x/y" },
      { id: "b", model: "x/y" },
    ],
  });
  expect(noted()).toEqual([
    "begin agents list --json",
    "end",
    "begin models status --agent a --json",
    "end",
    "begin models status --agent b --json",
    "end",
  ]);
});

testAsRoot(
  "root's OpenClaw loads no compiled code, which another user can put into the temporary folder",
  async () => {
    const script = "console.log(JSON.stringify([{ id: String(process.env.NODE_DISABLE_COMPILE_CACHE) }]))";
    expect(await ask(script, 60_000)).toEqual({ agents: [{ id: "1" }] });
  },
);

test("a program that does not end is ended when the time for all is over", async () => {
  expect(await ask("setInterval(() => {}, 1000)", 2000)).toEqual({
    problem: expect.stringMatching(/^`openclaw agents list`: it did not end within [\d.]+ s$/),
  });
});

test("a status for which no time is left keeps what the list said", async () => {
  const script = `if (args.startsWith("agents")) console.log('[{ "id": "a", "model": "x" }, { "id": "b", "model": "y" }]');
    else setInterval(() => {}, 1000);`;
  expect(await ask(script, 2500)).toEqual({
    agents: [
      { id: "a", model: "x" },
      { id: "b", model: "y" },
    ],
  });
  expect(noted().filter((line) => line.startsWith("begin"))).toHaveLength(2);
});
