import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths } from "../../../lib/model/home-paths";
import {
  isKeyRetiredSince,
  keepHomeFiles,
  restoreHomeFiles,
} from "../../../lib/operations/restore/kept-files";
import { readHosts, writeHosts } from "../../../lib/store/records/hosts-record";
import { readKeyRecord, writeKeyRecord } from "../../../lib/store/records/key-record";
import { scratchFolder } from "../../support/folder";

const since = "2026-11-25T12:00:00.000Z";

test("the files of Vault's data come back whole: a crash leaves the previous or the current shares, never a part", () => {
  const home = homePaths(scratchFolder());
  mkdirSync(home.terraform);
  writeFileSync(home.shares, "previous shares", { mode: 0o600 });
  keepHomeFiles(home);
  expect(statSync(join(home.root, "before/shares.json")).mode & 0o777).toBe(0o600);
  writeFileSync(home.shares, "shares of the backup");
  writeFileSync(home.state("openrouter"), "a state that was not there");
  const open = openSync(home.shares, "r");
  try {
    restoreHomeFiles(home, since);
    // Replaced by another file, not written over in place.
    expect(readFileSync(open, "utf8")).toBe("shares of the backup");
  } finally {
    closeSync(open);
  }
  expect(readFileSync(home.shares, "utf8")).toBe("previous shares");
  expect(statSync(home.shares).mode & 0o777).toBe(0o600);
  expect(() => statSync(home.state("openrouter"))).toThrow("ENOENT");
});

test("the new shares of an interrupted rekey come back: they can be the ones that open the previous data", () => {
  const home = homePaths(scratchFolder());
  mkdirSync(home.terraform);
  writeFileSync(home.nextShares, "new shares", { mode: 0o600 });
  writeFileSync(home.rekey, "the rekey", { mode: 0o600 });
  keepHomeFiles(home);
  // Vault with the backup's data accepts the previous shares, which undoes the rekey.
  rmSync(home.nextShares);
  rmSync(home.rekey);
  restoreHomeFiles(home, since);
  expect(readFileSync(home.nextShares, "utf8")).toBe("new shares");
  expect(readFileSync(home.rekey, "utf8")).toBe("the rekey");
});

test("hosts that came with a backup's data go with them; those that were invited since and evictions stay", () => {
  const home = homePaths(scratchFolder());
  const host = (name: string, invited: string) => ({
    ...{ name, role: `openclaw-host-${name}`, keyPath: `secret/openrouter/${name}`, addresses: [], invited },
  });
  const [known, ofBackup] = [
    host("known", "2026-11-01T00:00:00Z"),
    host("of-backup", "2026-10-01T00:00:00Z"),
  ];
  writeHosts(home, { hosts: [known], evicted: [] });
  keepHomeFiles(home);
  const evicted = [{ role: "openclaw-host-lost", roleId: "r", at: since }];
  writeHosts(home, { hosts: [known, ofBackup, host("new", "2026-11-25T13:00:00.000Z")], evicted });
  restoreHomeFiles(home, since);
  expect(readHosts(home).hosts.map(({ name }) => name)).toEqual(["known", "new"]);
  expect(readHosts(home).evicted).toEqual(evicted);
});

test("a key that was rotated away since stays so when its record comes back", () => {
  const home = homePaths(scratchFolder());
  mkdirSync(home.terraform);
  const kept = { generation: 2, version: 7, fingerprint: "then", retired: ["first"] };
  writeKeyRecord(home, kept);
  keepHomeFiles(home);
  expect(isKeyRetiredSince(home)).toBe(false);
  writeKeyRecord(home, { generation: 0, version: 8, fingerprint: "now", retired: ["first", "then"] });
  expect(isKeyRetiredSince(home)).toBe(true);
  restoreHomeFiles(home, since);
  expect(readKeyRecord(home)).toEqual({ ...kept, retired: ["first", "then"] });
});
