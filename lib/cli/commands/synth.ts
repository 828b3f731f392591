import type { Command } from "commander";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

/** `synth`: writes the declaration as JSON; on the host it changes only the instance directory. */
export function register(program: Command): void {
  const command = program
    .command("synth")
    .description("write both stacks as Terraform JSON")
    .option("-o, --out <dir>", "where to", "cdktf.out");
  addInstanceOptions(command).action(async (options: InstanceOptions & { readonly out: string }) => {
    const { resolve } = await import("node:path");
    const { selectInstance } = await import("../../store/select");
    const { loadDeclaration, loadDeployment } = await import("../../session/load-deployment");
    const { buildApp } = await import("../../stacks/build-app");
    const key = process.env.TF_VAR_openrouter_api_key;
    const instance = selectInstance({
      named: options.instance,
      keyGiven: Boolean(key || process.env.OPENROUTER_API_KEY),
    });
    const deployment = loadDeployment(instance, options.settings);
    const outdir = resolve(options.out);
    const app = buildApp({ ...loadDeclaration(deployment, key), outdir });
    app.synth();
    const stacks = ["vault", "openrouter"].map((name) => `${outdir}/stacks/${name}/cdk.tf.json`);
    if (options.json) printJson({ version: 1, instance, stacks });
    else say(stacks.join("\n"));
  });
}
