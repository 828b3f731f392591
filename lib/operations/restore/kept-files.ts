import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { removeFile, writePrivateFile } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

/** The files of an instance directory that belong to Vault's data. */
function filesOfData(home: HomePaths): string[] {
  return [
    home.key,
    home.deployed,
    home.shares,
    home.sharesRecord,
    home.sharesFingerprints,
    // An interrupted rekey: the new shares can be the active ones.
    home.nextShares,
    home.rekey,
    home.state("openrouter"),
    home.deployedState("openrouter"),
  ];
}

/** The folder of their copies. */
function keptFiles(home: HomePaths): string {
  return join(home.root, "before");
}

/** Copies them aside, and waits until they are on the disk: the files themselves change next. */
export function keepHomeFiles(home: HomePaths): void {
  const folder = keptFiles(home);
  forgetHomeFiles(home);
  mkdirSync(folder, { mode: 0o700 });
  for (const path of filesOfData(home)) {
    if (existsSync(path)) writePrivateFile(join(folder, basename(path)), readFileSync(path));
  }
}

/** Restores them from the copies, each in one piece and on the disk: the copies are removed next. */
export function restoreHomeFiles(home: HomePaths): void {
  for (const path of filesOfData(home)) {
    const kept = join(keptFiles(home), basename(path));
    if (existsSync(kept)) writePrivateFile(path, readFileSync(kept));
    else removeFile(path);
  }
}

/** Removes the copies. */
export function forgetHomeFiles(home: HomePaths): void {
  rmSync(keptFiles(home), { recursive: true, force: true });
}
