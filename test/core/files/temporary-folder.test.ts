import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  socketsParent,
  type withTemporaryFolder as WithTemporaryFolder,
} from "../../../lib/core/files/temporary-folder";
import { scratchFolder } from "../../support/folder";

let mockTemporary = "/tmp";
jest.mock("node:os", () => ({ ...jest.requireActual("node:os"), tmpdir: () => mockTemporary }));

let withTemporaryFolder: typeof WithTemporaryFolder;

beforeEach(async () => {
  mockTemporary = "/tmp";
  mockTemporary = scratchFolder();
  // It looks for left-overs once a run: each test is one.
  jest.resetModules();
  ({ withTemporaryFolder } = await import("../../../lib/core/files/temporary-folder"));
});

/** A folder with a file in it. */
function folder(name: string): string {
  const path = join(mockTemporary, name);
  mkdirSync(path);
  writeFileSync(join(path, "file"), "");
  return path;
}

test("a folder is its user's alone, and is gone afterwards, failed or not", async () => {
  let made = "";
  const failing = withTemporaryFolder("word", async (path) => {
    made = path;
    expect(dirname(path)).toBe(mockTemporary);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("700");
    writeFileSync(join(path, "file"), "");
    throw new Error("failed");
  });
  await expect(failing).rejects.toThrow("failed");
  expect(existsSync(made)).toBe(false);
});

/** What a run leaves that is killed while it uses its folder: one with the pid of a process that has ended. */
async function killedRun(): Promise<string> {
  const { pid } = spawnSync("true");
  const used = await withTemporaryFolder("killed", async (path) => basename(path));
  return folder(used.replace(`-${process.pid.toString(36)}-`, `-${pid.toString(36)}-`));
}

test("what a killed run left is removed by the next run, and nothing else is", async () => {
  const left = await killedRun();
  const elsewhere = left.replace(/killed-\w+/, "killed-1");
  mkdirSync(elsewhere);
  jest.resetModules();
  const next = await import("../../../lib/core/files/temporary-folder");
  const others = folder("something-else");
  const tests = folder("openclaw-openrouter-test-a");
  symlinkSync(others, left.replace(/.$/, "_"));
  await next.withTemporaryFolder("word", async () => {});
  expect([left, elsewhere, others, tests].map((path) => existsSync(path))).toEqual([false, true, true, true]);
  expect(existsSync(join(others, "file"))).toBe(true);
});

test.each([-400, 400])("a folder in use stays, with a clock that jumped by %d days", async (days) => {
  await withTemporaryFolder("word", async (used) => {
    const changed = Date.now() / 1000 + days * 86_400;
    utimesSync(used, changed, changed);
    jest.resetModules();
    const another = await import("../../../lib/core/files/temporary-folder");
    await another.withTemporaryFolder("word", async () => expect(existsSync(used)).toBe(true));
  });
});

test.each([
  ["/tmp", "/tmp"],
  ["/var/tmp", "/var/tmp"],
  ["/home/ada/a project of some length/tmp", "/tmp"],
])(
  "sockets of a run with TMPDIR %s are made in %s: a socket's path has at most 107 characters",
  (usual, parent) => {
    expect(socketsParent(usual)).toBe(parent);
  },
);
