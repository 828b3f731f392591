import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupFile } from "../../lib/backup/places";
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
