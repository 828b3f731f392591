import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { copySources, linkPackages } from "../../../lib/bundle/sources";

const root = resolve(__dirname, "../../..");

/**
 * Runs npm outside of the tests' network namespace, where the registry is.
 * @returns its standard output
 */
export function npm(folder: string, ...args: readonly string[]): string {
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"];
  return execFileSync("nsenter", [...outside(), "npm", ...quiet, ...args], {
    cwd: folder,
    encoding: "utf8",
    stdio: "pipe",
  });
}

/** nsenter's arguments for what is to run outside of the tests' network namespace. */
export function outside(): string[] {
  return ["--target", process.env.TEST_OUTSIDE ?? "1", "--net"];
}

/**
 * Packs the package from a copy of the sources, since packing puts another package.json in place for a while.
 * @returns the tarball's path
 */
export function pack(folder: string): string {
  const sources = copySources(root, join(folder, "sources"));
  linkPackages(root, sources);
  return join(sources, npm(sources, "pack", "--silent").trim());
}

/** A copy of an example, outside of the sources, whose packages are not installed. */
export function copyOfExample(folder: string, name: string): string {
  const copy = join(folder, name);
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(join(root, "examples", name), copy, { recursive: true });
  return copy;
}
