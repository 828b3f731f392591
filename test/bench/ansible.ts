import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeOnce } from "../../lib/core/files/make-once";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { findProgram } from "../../lib/core/system/find-program";
import { run } from "../../lib/core/system/process";

const packages = ["ansible==12.3.0", "requests==2.34.2"];

/** The collections that the playbook uses, of the hundred that come with Ansible. */
const collections = ["ansible_collections.py", "__init__.py", "community"];
const communityCollections = ["__init__.py", "docker", "library_inventory_filtering_v1"];

/** A Python that has Ansible. */
export interface AnsiblePython {
  readonly program: string;
}

/**
 * Installs Ansible into an environment of Python's own in the cache, where it is not there yet: a minute or two.
 * @returns why it cannot be had, where it cannot
 */
export async function installAnsible(): Promise<AnsiblePython | string> {
  const target = join(cacheRoot(), packages[0]!.replace("==", "-"));
  const program = (folder: string) => join(folder, "bin", "python3");
  if (!existsSync(target) && !findProgram("python3", process.env.PATH)) return "this host has no python3";
  try {
    await makeOnce(target, async (folder) => {
      console.log(`  installing ${packages[0]} from PyPI`);
      await python("python3", ["-m", "venv", folder]);
      await python(program(folder), ["-m", "pip", "install", "--quiet", "--no-compile", ...packages]);
      await keepOurCollections(folder);
      // By the place where it will lie, which is in what is compiled.
      await python(program(folder), [
        "-m",
        "compileall",
        "-q",
        "-s",
        folder,
        "-p",
        target,
        join(folder, "lib"),
      ]);
    });
    return { program: program(target) };
  } catch (error) {
    return `${packages[0]} cannot be installed: ${(error as Error).message}`;
  }
}

async function python(program: string, args: readonly string[]): Promise<void> {
  const { PATH = "", HOME = "/root" } = process.env;
  const { exitCode, stderr, failure } = await run(program, args, { env: { PATH, HOME, LANG: "C.UTF-8" } });
  if (exitCode !== 0) throw new Error(failure ?? stderr.trim().split("\n").at(-1));
}

/** The others are half a gigabyte. */
async function keepOurCollections(folder: string): Promise<void> {
  const [version = ""] = await readdir(join(folder, "lib"));
  const all = join(folder, "lib", version, "site-packages", "ansible_collections");
  const community = join(all, "community");
  for (const [place, kept] of [
    [all, collections],
    [community, communityCollections],
  ] as const) {
    for (const name of await readdir(place))
      if (!kept.includes(name)) await rm(join(place, name), { recursive: true });
  }
}
