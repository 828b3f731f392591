import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { gatherContents, judgeContents } from "../../../lib/backup/contents";
import type { ProvedBackup } from "../../../lib/backup/prove-backup";
import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { changeHome } from "../../../lib/operations/restore/change-home";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { readKeyRecord, writeKeyRecord } from "../../../lib/store/records/key-record";
import { type SharesRecord, sharesRecord } from "../../../lib/store/records/shares-record";
import { readShares, storeShares } from "../../../lib/vault/shares/shares-file";
import { exampleManifest } from "../../backup/example";
import { scratchFolder } from "../../support/folder";

const at = "2026-11-25T10:00:00.000Z";
const sharesOf = (generation: number) => ({
  shares: ["a", "b", "c"].map((name) => `${name}-${generation}`),
  threshold: 2,
  created: at,
  generation,
});
const handedOut = (generation: number, holder: string): SharesRecord => ({
  generation,
  shares: 3,
  threshold: 2,
  created: at,
  holders: [holder],
  movedOff: at,
});

/** A home as it was on a day. */
function homeWith(day: { cluster: string; record?: SharesRecord; generation?: number }): HomePaths {
  const home = homePaths(join(scratchFolder(), "home"));
  mkdirSync(home.root, { mode: 0o700 });
  deployedRecord.write(home, { at, clusterId: day.cluster });
  if (day.record) sharesRecord.write(home, day.record);
  if (day.generation) storeShares(home.shares, sharesOf(day.generation));
  return home;
}

/** A backup of that day, as it was opened: by a person's shares, or by its own. */
function backupOf(home: HomePaths, clusterId: string, generation: number, areItsOwn = false): ProvedBackup {
  const manifest = { ...exampleManifest, vault: { ...exampleManifest.vault, generation } };
  const contents = judgeContents(gatherContents(home, manifest, undefined), manifest);
  const opened = { contents, clusterId, shares: sharesOf(generation), areItsOwn };
  return { ...opened, hosts: [], unproved: [], file: "", snapshot: "", archive: { manifest, dataSize: 0 } };
}

function restore(home: HomePaths, backup: ProvedBackup): void {
  changeHome(deployment("default", settingsSchema.parse({}), home.root, home.root), backup);
}

describe("who has the shares, after a restore", () => {
  test("is what is known today, where the backup is opened by the same ones", () => {
    const then = homeWith({ cluster: "one", record: handedOut(1, "Anna") });
    const now = homeWith({ cluster: "one", record: handedOut(1, "Ben") });
    restore(now, backupOf(then, "one", 1));
    expect(sharesRecord.read(now)?.holders).toEqual(["Ben"]);
  });

  test.each([
    ["they are of another generation", "one", 2],
    ["it is another Vault's", "other", 1],
  ])("is what the backup says, where %s", (_, cluster, generation) => {
    const then = homeWith({ cluster, record: handedOut(generation, "Anna") });
    const now = homeWith({ cluster: "one", record: handedOut(1, "Ben") });
    restore(now, backupOf(then, cluster, generation));
    expect(sharesRecord.read(now)?.holders).toEqual(["Anna"]);
  });

  test("is not known any more, where the backup is from before they were distributed", () => {
    const then = homeWith({ cluster: "one" });
    const now = homeWith({ cluster: "one", record: handedOut(2, "Ben") });
    restore(now, backupOf(then, "one", 1));
    expect(sharesRecord.read(now)).toBeUndefined();
  });
});

describe("the shares on this host, after a restore", () => {
  test("are none, where people have them", () => {
    const then = homeWith({ cluster: "one", record: handedOut(1, "Anna") });
    const now = homeWith({ cluster: "one", record: handedOut(1, "Anna") });
    restore(now, backupOf(then, "one", 1));
    expect(existsSync(now.shares)).toBe(false);
  });

  test("are not missed on a host that never had them, though the backup's host did", () => {
    const then = homeWith({ cluster: "one", generation: 1 });
    const now = homeWith({ cluster: "one" });
    deployedRecord.write(now, { at, clusterId: "one", sharesHere: true });
    restore(now, backupOf(then, "one", 1));
    expect(deployedRecord.read(now)).toEqual({ at, clusterId: "one" });
  });

  test("are put there if the backup brought them", () => {
    const then = homeWith({ cluster: "one" });
    const now = homeWith({ cluster: "one" });
    restore(now, backupOf(then, "one", 1, true));
    expect(readShares(now.shares)).toMatchObject({ shares: sharesOf(1).shares, generation: 1 });
  });

  test("are those that open the backup; those of now are kept beside", () => {
    const then = homeWith({ cluster: "one", generation: 1 });
    const now = homeWith({ cluster: "one", generation: 2 });
    restore(now, backupOf(then, "one", 1));
    expect(readShares(now.shares)).toMatchObject({ shares: sharesOf(1).shares, generation: 1 });
    expect(readShares(join(now.sharesForBackups, "2.json"))?.shares).toEqual(sharesOf(2).shares);
  });
});

test("a key that was rotated away stays retired", () => {
  const then = homeWith({ cluster: "one", generation: 1 });
  writeKeyRecord(then, { generation: 0, version: 1, fingerprint: "first", retired: ["before"] });
  const now = homeWith({ cluster: "one", generation: 1 });
  writeKeyRecord(now, { generation: 0, version: 2, fingerprint: "second", retired: ["first"] });
  restore(now, backupOf(then, "one", 1));
  expect(readKeyRecord(now)).toMatchObject({
    version: 1,
    fingerprint: "first",
    retired: ["first", "before"],
  });
});
