import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { firstEntries } from "../../../lib/core/files/entries";
import { scratchFolder } from "../../support/folder";

test("lists a folder by name, up to a limit", () => {
  const folder = scratchFolder();
  for (const name of ["c", "a", "b"]) writeFileSync(join(folder, name), "");
  mkdirSync(join(folder, "d"));
  const all = firstEntries(folder, 10);
  expect(all.map((entry) => [entry.name, entry.isDirectory()])).toEqual([
    ["a", false],
    ["b", false],
    ["c", false],
    ["d", true],
  ]);
  expect(firstEntries(folder, 3)).toHaveLength(3);
  expect(() => firstEntries(join(folder, "none"), 3)).toThrow("ENOENT");
});
