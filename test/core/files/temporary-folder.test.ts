import { existsSync, mkdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { withTemporaryFolder as WithTemporaryFolder } from "../../../lib/core/files/temporary-folder";
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

/** A folder with a file in it. @param hours how long ago it was last changed */
function folder(name: string, hours: number): string {
  const path = join(mockTemporary, name);
  mkdirSync(path);
  writeFileSync(join(path, "file"), "");
  const changed = Date.now() / 1000 - hours * 3600;
  utimesSync(path, changed, changed);
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

test("what a killed run left goes with the next run, and what a run uses stays", async () => {
  await withTemporaryFolder("word", async (own) => {
    const [name = ""] = /-\d+-\d+\.\d+-/.exec(own) ?? [];
    expect(name).toContain(`-${process.pid}.`);
    const used = folder(`openclaw-openrouter-drift${name}aaaaaa`, 1);
    // The same pid, of a process that started at another time; and of another namespace.
    const ended = folder(`openclaw-openrouter-drift${name.replace(/\.\d+/, ".1")}aaaaaa`, 1);
    const elsewhere = folder(`openclaw-openrouter-drift-1-${process.pid}.1-aaaaaa`, 1);
    jest.resetModules();
    const next = await import("../../../lib/core/files/temporary-folder");
    await next.withTemporaryFolder("word", async () => {});
    expect([own, used, ended, elsewhere].map(existsSync)).toEqual([true, true, false, true]);
  });
});

test("what a killed run of another kind left is removed a day later, and nothing else is", async () => {
  const left = folder("openclaw-openrouter-drift-a", 25);
  const recent = folder("openclaw-openrouter-drift-b", 23);
  const others = folder("something-else", 1000);
  symlinkSync(others, join(mockTemporary, "openclaw-openrouter-link"));
  await withTemporaryFolder("word", async () => {});
  expect([left, recent, others].map(existsSync)).toEqual([false, true, true]);
  expect(existsSync(join(others, "file"))).toBe(true);
});
