import { resolve } from "node:path";
import { defineCommand } from "../define-command";
import { instanceOptions, option } from "../options/options";

/** `synth`: writes the declaration as JSON; on the host it changes only the instance directory. */
export const register = defineCommand({
  name: "synth",
  summary: "write both stacks as Terraform JSON",
  options: [option("-o, --out <dir>", "the folder to write to", { default: "cdktf.out" }), instanceOptions],
  needs: "settings",
  reads: ["OPENROUTER_API_KEY"],
  run: async ({ deployment, options }) => {
    const { loadDeclaration } = await import("../../session/load-deployment");
    const { buildApp } = await import("../../stacks/build-app");
    const outdir = resolve(options.out);
    buildApp({ ...loadDeclaration(deployment, process.env.TF_VAR_openrouter_api_key), outdir }).synth();
    const stacks = ["vault", "openrouter"].map((name) => `${outdir}/stacks/${name}/cdk.tf.json`);
    return { json: { stacks }, view: stacks.join("\n") };
  },
});
