import { cpSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** The folders of a clone that are not in Git. */
const notSources = /\/(node_modules|dist|cdktf\.out|\.git)$/;

/**
 * Copies a clone's sources. `npm pack` runs in the copy, since it replaces package.json for a while and compiles again.
 * @returns the copy
 */
export function copySources(root: string, copy: string): string {
  // The clone itself may have such a name.
  cpSync(root, copy, { recursive: true, filter: (path) => path === root || !notSources.test(path) });
  return copy;
}

/** Links a clone's npm packages into a copy of it. */
export function linkPackages(root: string, copy: string): void {
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  // Older than the installed packages: a new install in the copy would empty the linked folder.
  utimesSync(join(copy, "package-lock.json"), 0, 0);
}
