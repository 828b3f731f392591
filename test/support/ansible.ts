import { join } from "node:path";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { type PythonEnvironment, pythonEnvironment } from "./python";

const environment: PythonEnvironment = { packages: ["ansible-core==2.19.14", "ansible-lint==26.10.1"] };

/** Where Ansible's own programs for the tests are. */
export function ansibleFolder(): string {
  return join(cacheRoot(), environment.packages[0].replace("==", "-"));
}

/** @returns why it cannot be had; undefined where it is there */
export async function installAnsible(): Promise<string | undefined> {
  try {
    await pythonEnvironment(environment);
    return undefined;
  } catch (error) {
    return `ansible-core cannot be installed: ${(error as Error).message}`;
  }
}
