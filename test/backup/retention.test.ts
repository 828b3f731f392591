import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepNewest } from "../../lib/backup/retention";
import { homePaths } from "../../lib/model/home-paths";
import { readBackups, writeBackups } from "../../lib/store/records/backup-record";

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
});
