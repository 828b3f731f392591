import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");

/** Of the sources, what is not part of a clone as Git has it. */
const notSources = /\/(node_modules|dist|cdktf\.out|\.git)$/;

/**
 * Runs npm outside of the tests' network namespace, where the registry is.
 * @returns its standard output
 */
export function npm(folder: string, ...args: readonly string[]): string {
  const outside = ["--target", process.env.TEST_OUTSIDE ?? "1", "--net"];
  return execFileSync(
    "nsenter",
    [...outside, "npm", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error", ...args],
    { cwd: folder, encoding: "utf8", stdio: "pipe" },
  );
}

/**
 * Packs the package from a copy of the sources, since packing puts another package.json in place for a while.
 * @returns the tarball's path
 */
export function pack(folder: string): string {
  const sources = join(folder, "sources");
  cpSync(root, sources, { recursive: true, filter: (path) => !notSources.test(path) });
  symlinkSync(join(root, "node_modules"), join(sources, "node_modules"));
  // Never newer than what is installed: to install anew here would empty the folder behind that link.
  utimesSync(join(sources, "package-lock.json"), 0, 0);
  return join(sources, npm(sources, "pack", "--silent").trim());
}

/** A copy of an example, outside of the sources, whose packages are not installed. */
export function copyOfExample(folder: string, name: string): string {
  const copy = join(folder, name);
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(join(root, "examples", name), copy, { recursive: true });
  return copy;
}
