import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { backupDraft, backupFile, removeDrafts, requireMounted } from "../../lib/backup/places";
import { mountPointOf } from "../../lib/core/files/mount-point";
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
  for (const path of [file, backupDraft(file, "mine"), backupDraft(file, "another")]) writeFileSync(path, "");
  removeDrafts(join(folder, "default-20261129T000000Z.tar"), "mine");
  expect(readdirSync(folder)).toEqual([file, backupDraft(file, "another")].map((each) => basename(each)));
});

describe("a folder on another disk", () => {
  const record = (file: string, mount: string) => ({
    ...{ file, mount, created: "2026-11-25T12:00:00.000Z" },
    ...{ sha256: "0", clusterId: "c", seal: "shamir" },
  });

  test("gets no backup while that is not mounted: the folder is an empty one, or a link to one that is gone", () => {
    const root = scratchFolder();
    const [mount, gone, link] = ["mount", "gone", "link"].map((name) => join(root, name)) as [
      string,
      string,
      string,
    ];
    mkdirSync(mount);
    symlinkSync(join(gone, "backups"), link);
    const earlier = [record(join(mount, "old.tar"), mount), record(join(link, "default/old.tar"), gone)];
    for (const folder of [mount, join(link, "default")])
      expect(() => requireMounted(join(folder, "new.tar"), earlier)).toThrow("is not mounted");
    // Of another folder nothing is known.
    expect(() => requireMounted(join(root, "new.tar"), earlier)).not.toThrow();
  });

  test("gets one where it is mounted, where an earlier one is, and where the earlier ones were on the same disk", () => {
    const folder = scratchFolder();
    const [file, old] = [join(folder, "new.tar"), join(folder, "old.tar")];
    const here = mountPointOf(folder);
    expect(() => requireMounted(file, [])).not.toThrow();
    expect(() => requireMounted(file, [record(old, here)])).not.toThrow();
    // A link led to another disk, and leads here now.
    expect(() => requireMounted(file, [record(old, "/proc/elsewhere")])).not.toThrow();
    writeFileSync(old, "");
    expect(() => requireMounted(file, [record(old, folder)])).not.toThrow();
  });
});

test("a path's mount point is the folder from which on its device is another one", () => {
  expect(mountPointOf("/")).toBe("/");
  expect(mountPointOf("/proc/sys/kernel")).toBe("/proc");
  const link = join(scratchFolder(), "link");
  symlinkSync("/proc/sys", link);
  expect(mountPointOf(link)).toBe("/proc");
});
