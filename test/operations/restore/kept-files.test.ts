import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths } from "../../../lib/model/home-paths";
import { keepHomeFiles, restoreHomeFiles } from "../../../lib/operations/restore/kept-files";
import { scratchFolder } from "../../support/folder";

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
    restoreHomeFiles(home);
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
  restoreHomeFiles(home);
  expect(readFileSync(home.nextShares, "utf8")).toBe("new shares");
  expect(readFileSync(home.rekey, "utf8")).toBe("the rekey");
});
