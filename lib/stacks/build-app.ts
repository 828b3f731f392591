import { App } from "cdktf";
import { programContext } from "../constructs/run-step";
import { OpenRouterStack, type OpenRouterStackProps } from "./openrouter-stack";
import { VaultStack, type VaultStackProps } from "./vault-stack";

export type AppProps = VaultStackProps &
  Omit<OpenRouterStackProps, "vault"> & {
    /** The output folder. @default the folder that the CDKTF CLI sets, else `cdktf.out` */
    readonly outdir?: string;
  };

/** Builds both stacks of one instance. Neither refers to the other: a reference would copy outputs into state. */
export function buildApp({ outdir, ...props }: AppProps): App {
  const app = new App({
    ...(outdir ? { outdir } : {}),
    // CDKTF's own validations run `terraform version` once for each terraform_data, which is slow and ignores OpenTofu.
    // required_version covers them, and the constructs check their props at `new`.
    skipValidation: true,
    context: { [programContext]: "../../../scripts/openclaw-openrouter.mjs" },
  });
  const stack = new VaultStack(app, props);
  new OpenRouterStack(app, { ...props, vault: stack.vault }).addDependency(stack);
  return app;
}
