import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../../lib/core/errors";
import {
  notWritten,
  readJsonIfThere,
  readTextIfThere,
  syncFolder,
  writeJson,
  writeJsonIfChanged,
  writePrivateFile,
} from "../../../lib/core/files/files";
import { scratchFolder } from "../../support/folder";

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

test("what a read-only file system refuses is not fixed by another owner", () => {
  const error = Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
  expect((notWritten("/mnt/file", error) as UserError).props.fix).toContain("mounted read-only");
});

describe("a private file", () => {
  test("is its owner's alone, with the folders made for it, whatever the umask", () => {
    const before = process.umask(0);
    try {
      const path = join(scratchFolder(), "a/b");
      writePrivateFile(path, "text");
      expect([mode(path), mode(join(path, ".."))]).toEqual(["600", "700"]);
    } finally {
      process.umask(before);
    }
  });

  test("is replaced whole: a new file takes the name, and nothing is left beside it", () => {
    const folder = scratchFolder();
    const path = join(folder, "file");
    writePrivateFile(path, "old");
    const { ino } = statSync(path);
    writePrivateFile(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).ino).not.toBe(ino);
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  test("becomes private where it was readable by others", () => {
    const path = join(scratchFolder(), "file");
    writeFileSync(path, "old");
    chmodSync(path, 0o644);
    writePrivateFile(path, "new");
    expect(mode(path)).toBe("600");
  });

  test("stays as it was where the new one cannot be written", () => {
    const folder = scratchFolder();
    const path = join(folder, "file");
    mkdirSync(join(path, "child"), { recursive: true });
    expect(() => writePrivateFile(path, "new")).toThrow();
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(readdirSync(path)).toEqual(["child"]);
  });
});

test("a folder of a file system that flushes none is let be", () => {
  // proc(5) is one; a shared folder of a virtual machine is another.
  expect(() => syncFolder("/proc")).not.toThrow();
});

test("a text that is not there is none; what cannot be read is an error", () => {
  const folder = scratchFolder();
  expect(readTextIfThere(join(folder, "none"))).toBeUndefined();
  expect(() => readTextIfThere(folder)).toThrow("EISDIR");
});

describe("a JSON file", () => {
  const schema = z.object({ a: z.number() });

  test("is read as it was written", () => {
    const path = join(scratchFolder(), "file");
    expect(readJsonIfThere(path, schema)).toBeUndefined();
    writeJson(path, { a: 1 });
    expect(readJsonIfThere(path, schema)).toEqual({ a: 1 });
    expect(readFileSync(path, "utf8")).toBe('{\n  "a": 1\n}\n');
  });

  test.each([
    ["hvs.secret", "text that is not JSON"],
    ['{"a":"hvs.secret"}', "JSON of another shape"],
  ])("that is damaged is reported without its content: %s", (text, got) => {
    const path = join(scratchFolder(), "file");
    writeFileSync(path, text);
    let error: unknown;
    try {
      readJsonIfThere(path, schema);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(got);
    expect(String(error)).toContain(path);
    expect(String(error)).not.toContain("hvs.");
  });
});

test("a record that is as it was is left alone, and another one replaces it", () => {
  const path = join(scratchFolder(), "record.json");
  writeJsonIfChanged(path, { version: 1 });
  const first = statSync(path);
  writeJsonIfChanged(path, { version: 1 });
  expect(statSync(path).ino).toBe(first.ino);
  chmodSync(path, 0o644);
  writeJsonIfChanged(path, { version: 1 });
  expect(mode(path)).toBe("600");
  writeJsonIfChanged(path, { version: 2 });
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ version: 2 });
});
