import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/core/errors";
import { readReportFile, writeReportFile } from "../../lib/drift/report-file";
import type { DriftReport } from "../../lib/report/drift-report";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const hour = 3600;
const report: DriftReport = {
  version: 1,
  instance: "default",
  started: "2026-11-25T10:00:00.000Z",
  durationMs: 5000,
  outcome: "clean",
  findings: [],
  known: [],
  ignored: [],
  skipped: [],
  unmanaged: ["secret secret/\u001b[2J\u202eother"],
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = scratchFolder();
  path = join(folder, "default.json");
});

const at = (time: string) => ({ maxAge: hour, now: new Date(time) });

test("what is written is read again, by anybody, and holds nothing that a terminal obeys", () => {
  const mask = process.umask(0o077);
  writeReportFile(path, report);
  process.umask(mask);
  expect(readReportFile(path, at("2026-11-25T10:30:00Z"))).toEqual(report);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(readdirSync(folder)).toEqual(["default.json"]);
  expect(execFileSync("cat", [path], { encoding: "utf8" })).toMatch(/^[\n\x20-\x7e]*$/);
});

test.each([
  ["to the second as old as it may be", "2026-11-25T11:00:05Z"],
  ["a little ahead, since a clock was set back", "2026-11-25T09:56:00Z"],
])("a report %s is reported", (_, now) => {
  writeReportFile(path, report);
  expect(readReportFile(path, at(now)).outcome).toBe("clean");
});

test.each([
  ["older than it may be", "2026-11-25T11:00:06Z"],
  ["of the future", "2026-11-25T09:00:00Z"],
])("one %s says nothing of now", (_, now) => {
  writeReportFile(path, report);
  expect(() => readReportFile(path, at(now))).toThrow(/one of the last 1h/);
});

test("another instance's report is refused", () => {
  writeReportFile(path, report);
  const options = { ...at("2026-11-25T10:30:00Z"), instance: "staging" };
  expect(() => readReportFile(path, options)).toThrow(/one of the instance staging/);
});

test.each<[string, () => void, RegExp]>([
  ["missing", () => {}, /ENOENT/],
  ["a folder", () => mkdirSync(path), /no plain file/],
  ["a pipe that nobody writes to", () => execFileSync("mkfifo", [path]), /no plain file/],
  ["no JSON", () => writeFileSync(path, "\u001b[2J"), /text that is not JSON/],
  ["no report", () => writeFileSync(path, '{ "version": 1, "outcome": "clean" }'), /JSON of another shape/],
  ["half of one", () => writeFileSync(path, JSON.stringify(report).slice(0, 100)), /not JSON/],
  [
    "larger than any",
    () => {
      writeFileSync(path, "");
      truncateSync(path, 100 * 2 ** 20);
    },
    /104857600 bytes/,
  ],
])("what is %s is no report, and an error with a way out", (_, make, got) => {
  make();
  const read = () => readReportFile(path, at("2026-11-25T10:30:00Z"));
  expect(read).toThrow(UserError);
  expect(read).toThrow(got);
  expect(read).toThrow(/drift --report/);
});

test("a missing folder is named, with the command that makes it", () => {
  const missing = join(folder, "missing");
  expect(() => writeReportFile(join(missing, "default.json"), report)).toThrow(
    `install -d -m 755 ${missing}`,
  );
  expect(readdirSync(folder)).toEqual([]);
});

const kinds: readonly [string, (name: string, work: () => void) => void, () => void][] = [
  ["a device", testAsRoot, () => execFileSync("mknod", [path, "c", "1", "3"])],
  ["a pipe", test, () => execFileSync("mkfifo", [path])],
  ["a link", test, () => symlinkSync("/dev/null", path)],
  ["a folder", test, () => mkdirSync(path)],
];
for (const [kind, define, make] of kinds)
  define(`${kind} is not replaced by a report`, () => {
    make();
    const before = lstatSync(path);
    expect(() => writeReportFile(path, report)).toThrow(/a plain file, or none yet/);
    expect(lstatSync(path)).toMatchObject({ ino: before.ino, mode: before.mode });
  });

test("into a folder where others could exchange it nothing is written", () => {
  const open = join(folder, "open");
  mkdirSync(open);
  chmodSync(open, 0o777);
  expect(() => writeReportFile(join(open, "default.json"), report)).toThrow(/everybody can write to/);
  expect(readdirSync(open)).toEqual([]);
});
