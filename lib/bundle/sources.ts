import { cpSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** Of a clone, what Git does not have. */
const notSources = /\/(node_modules|dist|cdktf\.out|\.git)$/;

/**
 * Copies a clone's sources. The package is made of a copy, since that puts another package.json in place for a while, and
 * compiles again.
 * @returns the copy
 */
export function copySources(root: string, copy: string): string {
  cpSync(root, copy, { recursive: true, filter: (path) => !notSources.test(path) });
  return copy;
}

/** Lends a clone's npm packages to a copy of it. */
export function linkPackages(root: string, copy: string): void {
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  // Never newer than what is installed: to install again there would empty the folder behind that link.
  utimesSync(join(copy, "package-lock.json"), 0, 0);
}
