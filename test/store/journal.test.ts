import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { journal } from "../../lib/store/journal";
import { scratchFolder } from "../support/folder";

test("a line an entry, with its time, for the owner alone", () => {
  const path = join(scratchFolder(), "journal.jsonl");
  journal(path, { command: "up", result: "ok" });
  journal(path, { command: "destroy", result: "two\nlines" });
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), command: "up", result: "ok" },
    { at: expect.any(String), command: "destroy", result: "two\nlines" },
  ]);
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
});

test("nothing is written where the home is gone, as after a purge", () => {
  expect(() =>
    journal(join(scratchFolder(), "gone/journal.jsonl"), { command: "destroy", result: "ok" }),
  ).not.toThrow();
});
