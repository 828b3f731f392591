import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cronLine, lineFor } from "../../../lib/session/schedule/crontab";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const options = { command: "check", instance: "paris", home: folder } as const;
const line = lineFor(options, join(folder, "scheduled-check.sh"));
const path = process.env.PATH;

/** Puts a `crontab` on the PATH that prints these lines. */
function crontabOf(...lines: readonly string[]): void {
  const program = join(folder, "crontab");
  writeFileSync(program, ["#!/bin/sh", "cat <<'END'", ...lines, "END", ""].join("\n"));
  chmodSync(program, 0o755);
  process.env.PATH = `${folder}:${path}`;
}

afterEach(() => {
  process.env.PATH = path;
});

test("the line of a command is found among others", async () => {
  crontabOf("0 3 * * * /bin/true", line);
  expect(await cronLine(options)).toBe(line);
  expect(await cronLine({ ...options, command: "drift" })).toBeUndefined();
  expect(await cronLine({ ...options, instance: "par" })).toBeUndefined();
});

test.each([`#${line}`, `  # ${line}`])("one that was made a comment runs nothing: %s", async (comment) => {
  crontabOf(comment);
  expect(await cronLine(options)).toBeUndefined();
  crontabOf(comment, line);
  expect(await cronLine(options)).toBe(line);
});
