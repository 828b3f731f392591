import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { syncFolder } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

/** The files of an instance directory that belong to Vault's data. */
function filesOfData(home: HomePaths): string[] {
  return [
    home.key,
    home.deployed,
    home.shares,
    home.sharesRecord,
    home.sharesFingerprints,
    home.state("openrouter"),
    home.deployedState("openrouter"),
  ];
}

/** The folder of their copies. */
function keptFiles(home: HomePaths): string {
  return join(home.root, "before");
}

/** Copies them aside. */
export function keepHomeFiles(home: HomePaths): void {
  const folder = keptFiles(home);
  forgetHomeFiles(home);
  mkdirSync(folder, { mode: 0o700 });
  for (const path of filesOfData(home)) {
    if (existsSync(path)) copyFileSync(path, join(folder, basename(path)));
  }
  syncFolder(folder);
}

/** Restores them from the copies. */
export function restoreHomeFiles(home: HomePaths): void {
  for (const path of filesOfData(home)) {
    const kept = join(keptFiles(home), basename(path));
    if (existsSync(kept)) copyFileSync(kept, path);
    else rmSync(path, { force: true });
  }
}

/** Removes the copies. */
export function forgetHomeFiles(home: HomePaths): void {
  rmSync(keptFiles(home), { recursive: true, force: true });
}
