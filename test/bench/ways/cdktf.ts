import { stackNames } from "../../../lib/model/home-paths";
import { installCdktfCli } from "../../../lib/operations/deploy/cdktf-cli";
import type { BenchHost } from "../host";
import type { Way } from "./way";

/** The CDKTF CLI by itself on the same app. */
export async function cdktfWay(host: BenchHost): Promise<Way> {
  const cli = await installCdktfCli((line) => console.log(`  ${line}`));
  const cdktf = async (...args: string[]) =>
    void (await host.run([cli.node, cli.script, ...args], {
      TF_INPUT: "0",
      TF_VAR_openrouter_api_key: host.key,
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
    }));
  const deploy = () => cdktf("deploy", "*", "--auto-approve");
  return {
    name: "cdktf deploy",
    prepare: async () => host.makeHome(),
    steps: {
      "first deploy": deploy,
      "nothing to do": deploy,
      drift: async () => {
        for (const stack of stackNames) await cdktf("diff", stack);
      },
      synth: () => cdktf("synth"),
    },
    reset: () => host.reset(),
  };
}
