import { readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { backupDrafts, backupFile, removeDrafts } from "../../lib/backup/places";
import { scratchFolder } from "../support/folder";

const now = new Date("2026-11-28T23:43:31.500Z");

test("a second backup within one second gets the next second's name", () => {
  const folder = scratchFolder();
  const first = backupFile("default", folder, now);
  expect(first).toBe(join(folder, "default-20261128T234331Z.tar"));
  writeFileSync(first, "");
  expect(backupFile("default", folder, now)).toBe(join(folder, "default-20261128T234332Z.tar"));
});

test("a file that --out names is never overwritten", () => {
  const file = join(scratchFolder(), "mine.tar");
  expect(backupFile("default", file, now)).toBe(file);
  writeFileSync(file, "");
  expect(() => backupFile("default", file, now)).toThrow("a backup overwrites no file");
});

test("what a killed run left goes, and nothing of another instance", () => {
  const folder = scratchFolder();
  const file = join(folder, "default-20261128T234331Z.tar");
  for (const id of ["mine", "another"])
    for (const path of Object.values(backupDrafts(file, id))) writeFileSync(path, "");
  writeFileSync(file, "");
  removeDrafts(join(folder, "default-20261129T000000Z.tar"), "mine");
  expect(readdirSync(folder)).toEqual(
    [file, ...Object.values(backupDrafts(file, "another"))].map((each) => basename(each)).sort(),
  );
});
