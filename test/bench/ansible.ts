import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { pythonEnvironment } from "../support/python";

/** The collections that the playbook uses, of the hundred that come with Ansible. */
const collections = ["ansible_collections.py", "__init__.py", "community"];
const communityCollections = ["__init__.py", "docker", "library_inventory_filtering_v1"];

/** A Python that has Ansible. */
export interface AnsiblePython {
  readonly program: string;
}

/**
 * Installs Ansible where it is not there yet: a minute or two.
 * @returns why it cannot be had, where it cannot
 */
export async function installAnsible(): Promise<AnsiblePython | string> {
  try {
    const folder = await pythonEnvironment({
      packages: ["ansible==12.3.0", "requests==2.34.2"],
      finish: keepOurCollections,
    });
    return { program: join(folder, "bin/python3") };
  } catch (error) {
    return `Ansible cannot be installed: ${(error as Error).message}`;
  }
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
