import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { UserError } from "../../lib/core/errors";
import { refusedBySystem } from "../../lib/core/refused";
import { scratchFolder } from "../support/folder";

const thrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const folder = scratchFolder();
writeFileSync(join(folder, "text"), "no program", { mode: 0o755 });

test.each<[string, () => unknown, string, string]>([
  ["a folder in a file's place", () => readFileSync(folder), "EISDIR", "must be"],
  ["a file in a folder's place", () => mkdirSync(join(folder, "text/inner")), "ENOTDIR", "must be"],
  ["a path that is too long", () => readFileSync(`/${"a".repeat(300)}`), "ENAMETOOLONG", "shorter"],
])("%s is refused by the system, with a fix", (_, work, code, fix) => {
  const told = refusedBySystem(thrown(work));
  expect(told).toBeInstanceOf(UserError);
  expect(told?.message).toContain(code);
  expect(told?.props.fix).toContain(fix);
});

test("what a bucket that is mounted as a folder cannot do", () => {
  const error = Object.assign(new Error("ENOSYS: function not implemented, rename 'a' -> 'b'"), {
    code: "ENOSYS",
    syscall: "rename",
    path: "/mnt/bucket/a",
  });
  expect(refusedBySystem(error)?.props.fix).toContain("name a folder on another one");
});

test("a program that is missing, and a connection that nobody takes", async () => {
  const missing = await new Promise((resolve) => spawn(join(folder, "none")).once("error", resolve));
  expect(refusedBySystem(missing)?.props.fix).toContain("that program exists");
  const refused = await new Promise((resolve) => connect(join(folder, "text")).once("error", resolve));
  expect(refusedBySystem(refused)?.props.fix).toContain("the other side");
});

test.each<[string, unknown]>([
  ["a mistake in the program", thrown(() => (undefined as unknown as { a: string }).a)],
  ["a file that is missing, which the program should have looked for", thrown(() => readFileSync("/none"))],
  ["an error that only names a code", Object.assign(new Error("x"), { code: "EACCES" })],
  ["no error", "text"],
])("%s is none of these", (_, error) => {
  expect(refusedBySystem(error)).toBeUndefined();
});
