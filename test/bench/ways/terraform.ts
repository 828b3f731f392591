import { rmSync } from "node:fs";
import { join } from "node:path";
import { openBundle } from "../../../lib/bundle/bundle";
import { bundleCliConfig } from "../../../lib/bundle/bundle-mirror";
import { stackNames } from "../../../lib/model/home-paths";
import type { BenchHost } from "../host";
import type { Timings } from "../timings";
import type { Way } from "./way";

export const planName = (stack: string) => `terraform plan, stack ${stack}`;

/** Terraform by itself on the JSON of the same two stacks, which was synthesized and initialized before. */
export async function terraformWay(host: BenchHost, timings: Timings): Promise<Way> {
  const out = join(host.folder, "same");
  const environment = {
    // How Terraform finds the bundle's providers where it is run alone.
    TF_CLI_CONFIG_FILE: await bundleCliConfig(openBundle()),
    TF_VAR_openrouter_api_key: host.key,
  };
  const terraform = async (stack: string, ...args: string[]) =>
    void (await host.run(["terraform", `-chdir=${join(out, "stacks", stack)}`, ...args], environment));
  const apply = async () => {
    for (const stack of stackNames) await terraform(stack, "apply", "-auto-approve", "-input=false");
  };
  return {
    name: "terraform alone",
    prepare: async () => {
      host.makeHome();
      await host.command(["synth", "--out", out], environment);
      for (const stack of stackNames) await terraform(stack, "init", "-input=false");
    },
    steps: {
      "first deploy": apply,
      "nothing to do": apply,
      drift: async () => {
        for (const stack of stackNames)
          await timings.time(planName(stack), true, () =>
            terraform(stack, "plan", "-input=false", "-lock=false", "-detailed-exitcode"),
          );
      },
    },
    reset: async () => {
      await host.reset();
      rmSync(out, { recursive: true });
    },
  };
}
