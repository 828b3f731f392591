import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeOnce } from "../../lib/core/files/make-once";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { findProgram } from "../../lib/core/system/find-program";
import { run } from "../../lib/core/system/process";

/** Packages of PyPI, installed into an environment of Python's own in the cache, where they are not there yet. */
export interface PythonEnvironment {
  /** The first names the environment. */
  readonly packages: readonly [string, ...string[]];
  /** What is done in its folder after the installation. @default nothing */
  readonly finish?: (folder: string) => Promise<void>;
}

/**
 * @returns its folder
 * @throws Error if it cannot be had
 */
export async function pythonEnvironment({ packages, finish }: PythonEnvironment): Promise<string> {
  const target = join(cacheRoot(), packages[0].replace("==", "-"));
  if (!existsSync(target) && !findProgram("python3", process.env.PATH))
    throw new Error("this host has no python3");
  await makeOnce(target, async (folder) => {
    const own = join(folder, "bin/python3");
    console.log(`  installing ${packages[0]} from PyPI`);
    await python("python3", ["-m", "venv", folder]);
    await python(own, ["-m", "pip", "install", "--quiet", "--no-compile", ...packages]);
    await finish?.(folder);
    movePrograms(folder, target);
    // By the place where it will lie, which is in what is compiled.
    await python(own, ["-m", "compileall", "-q", "-s", folder, "-p", target, join(folder, "lib")]);
  });
  return target;
}

/** pip writes where Python lies into each program's first line: it will lie in another folder. */
function movePrograms(folder: string, target: string): void {
  for (const name of readdirSync(join(folder, "bin"))) {
    const path = join(folder, "bin", name);
    const text = lstatSync(path).isFile() ? readFileSync(path, "utf8") : "";
    if (text.startsWith(`#!${folder}/`)) writeFileSync(path, text.replace(folder, target));
  }
}

async function python(program: string, args: readonly string[]): Promise<void> {
  const { PATH = "", HOME = "/root" } = process.env;
  const { exitCode, stderr, failure } = await run(program, args, { env: { PATH, HOME, LANG: "C.UTF-8" } });
  if (exitCode !== 0) throw new Error(failure ?? stderr.trim().split("\n").at(-1));
}
