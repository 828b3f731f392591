import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepNewest } from "../../lib/backup/retention";
import { homePaths } from "../../lib/model/home-paths";
import { presentAmong, readBackups, writeBackups } from "../../lib/store/records/backup-record";
import { replacingRecord } from "../../lib/store/records/replacing-record";

describe("keeping the newest backups", () => {
  const folder = mkdtempSync(join(tmpdir(), "retention-"));
  const home = homePaths(join(folder, "home"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const record = (file: string) => ({
    file,
    created: "2026-11-25T12:00:00.000Z",
    sha256: "0",
    clusterId: "c",
    seal: "shamir",
    generation: 1,
  });

  test("removes the oldest of that folder alone, and only what the instance made", () => {
    const files = ["a", "b", "c"].map((name) => join(folder, `${name}.tar`));
    for (const file of [...files, join(folder, "foreign.tar")]) writeFileSync(file, "");
    const elsewhere = record("/elsewhere/old.tar");
    writeBackups(home, [elsewhere, ...files.map(record)]);
    expect(keepNewest(home, folder, 1)).toEqual(files.slice(0, 2));
    expect(files.map((file) => existsSync(file))).toEqual([false, false, true]);
    expect(existsSync(join(folder, "foreign.tar"))).toBe(true);
    expect(readBackups(home)).toEqual([elsewhere, record(files[2]!)]);
  });

  test("what an unfinished restore reads again stays until it is finished", () => {
    const files = ["of-then", "between", "before", "newest"].map((name) => join(folder, `${name}.tar`));
    for (const file of files) writeFileSync(file, "");
    const [ofThen = "", between, before = ""] = files;
    writeBackups(home, files.map(record));
    replacingRecord.write(home, {
      ...{ command: "restore", backup: ofThen, before, since: "2026-11-25T12:00:00.000Z" },
      ...{ stage: "replaced", hadData: true },
    });
    expect(keepNewest(home, folder, 1)).toEqual([between]);
    replacingRecord.remove(home);
    expect(keepNewest(home, folder, 1)).toEqual([ofThen, before]);
  });

  test("a backup is not removed for earlier ones that were moved away, and had its name", () => {
    const file = join(folder, "always.tar");
    writeBackups(home, []);
    for (const sha256 of ["1", "2", "3"]) {
      writeFileSync(file, sha256);
      writeBackups(home, [...readBackups(home), { ...record(file), sha256 }]);
      expect(keepNewest(home, folder, 2)).toEqual([]);
    }
    expect(existsSync(file)).toBe(true);
    // They may need shares of an older generation, wherever they are.
    expect(readBackups(home).map(({ sha256 }) => sha256)).toEqual(["1", "2", "3"]);
    expect(presentAmong(readBackups(home)).map(({ sha256 }) => sha256)).toEqual(["3"]);
  });
});
