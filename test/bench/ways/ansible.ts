import { rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../lib/core/system/package-root";
import { installAnsible } from "../ansible";
import type { BenchHost } from "../host";
import type { Way } from "./way";

const container = "ansible-vault";

/**
 * A playbook that does what the shell script does. Its drift check is a dry run.
 * @returns why it cannot be had, where it cannot
 */
export async function ansibleWay(host: BenchHost): Promise<Way | string> {
  const python = await installAnsible();
  if (typeof python === "string") return python;
  const folder = join(host.userHome, "ansible");
  const playbook = async (...args: string[]) =>
    void (await host.run(
      [
        python.program,
        "-m",
        "ansible",
        "playbook",
        "--inventory",
        "localhost,",
        join(packageRoot(), "test/bench/ways/playbook.yml"),
        ...args,
      ],
      {
        VAULT_CONTAINER: container,
        VAULT_PORT: "18220",
        VAULT_IMAGE: host.image,
        OPENROUTER_API_KEY: host.key,
        FOLDER: folder,
        ANSIBLE_HOME: join(host.userHome, ".ansible"),
      },
    ));
  return {
    name: "Ansible",
    steps: {
      "first deploy": () => playbook(),
      "nothing to do": () => playbook(),
      drift: () => playbook("--check", "--diff"),
    },
    reset: async () => {
      await host.removeContainer(container, [`${container}-data`]);
      rmSync(folder, { recursive: true });
    },
  };
}
