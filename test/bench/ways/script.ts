import { rmSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../../lib/core/system/package-root";
import type { BenchHost } from "../host";
import type { Way } from "./way";

const container = "script-vault";

/** The setup guide as a shell script. */
export function scriptWay(host: BenchHost): Way {
  const folder = join(host.userHome, "script");
  const script = async () =>
    void (await host.run(["sh", join(packageRoot(), "test/bench/ways/guide.sh")], {
      VAULT_CONTAINER: container,
      VAULT_PORT: "18210",
      VAULT_IMAGE: host.image,
      OPENROUTER_API_KEY: host.key,
      FOLDER: folder,
    }));
  return {
    name: "shell script",
    steps: { "first deploy": script, "nothing to do": script },
    reset: async () => {
      await host.removeContainer(container, [`${container}-data`]);
      rmSync(folder, { recursive: true });
    },
  };
}
