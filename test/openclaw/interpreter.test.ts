import { chownSync, existsSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../lib/core/system/os-user";
import { findInterpreter } from "../../lib/openclaw/interpreter";
import { script } from "../host/support";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const folder = scratchFolder();
const account = accountOf();
const program = (name: string, says: string) => {
  const path = join(folder, name);
  script(path, says);
  return path;
};
const node = program("node-24", "echo v24.3.0");

test("the Node of the settings is taken, and no other in its place", () => {
  expect(findInterpreter({ account, declared: node, earlier: process.execPath })).toBe(node);
  const missing = join(folder, "missing");
  expect(() => findInterpreter({ account, declared: missing, earlier: node })).toThrow(
    `none of ${missing} runs as that user`,
  );
});

test("without one in the settings, that of the previous install stays while it runs", () => {
  expect(findInterpreter({ account, declared: undefined, earlier: node })).toBe(node);
});

test.each([
  ["is gone", join(folder, "gone")],
  ["fails", program("broken", "exit 1")],
  ["is another program", program("other", "echo 24 hours")],
  ["is too old for the resolver", program("node-12", "echo v12.22.9")],
  ["has a blank in its path", program("no de", "echo v24.3.0")],
  ["has too long a path", `/${"x".repeat(241)}`],
  ["is named by no whole path", "node"],
])("a previous one that %s gives way to one that runs", (_, earlier) => {
  const found = findInterpreter({ account, declared: undefined, earlier });
  expect(found).not.toBe(earlier);
  expect(found).toMatch(/^\/\S+$/);
});

testAsRoot("root runs none of another user's, whoever names it", () => {
  const theirs = program("theirs", `touch ${join(folder, "was-run")}\necho v24.3.0`);
  chownSync(theirs, 65_534, 65_534);
  expect(() => findInterpreter({ account, declared: theirs, earlier: undefined })).toThrow(
    "that this user can run and no other user can exchange",
  );
  expect(findInterpreter({ account, declared: undefined, earlier: theirs })).not.toBe(theirs);
  expect(existsSync(join(folder, "was-run"))).toBe(false);
});
