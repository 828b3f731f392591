import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../lib/config/settings";
import { deployment } from "../../lib/model/deployment";
import { buildApp } from "../../lib/stacks/build-app";

/** Synthesizes that many instances in this process, both stacks of each. */
export async function main(instances: number, out: string): Promise<void> {
  for (let number = 1; number <= instances; number++) {
    const instance = `bench-${number}`;
    const folder = join(out, instance);
    mkdirSync(folder, { recursive: true });
    buildApp({
      deployment: deployment(instance, settingsSchema.parse({}), join(folder, "home"), folder),
      instanceId: instance,
      image: "hashicorp/vault:1.21.2",
      keyVersion: 0,
      keyGeneration: 0,
      outdir: join(folder, "cdktf.out"),
    }).synth();
  }
}
