import { App } from "cdktf";
import { programContext } from "../constructs/run-step";
import { OpenRouterStack, type OpenRouterStackProps } from "./openrouter-stack";
import { VaultStack, type VaultStackProps } from "./vault-stack";

export type AppProps = VaultStackProps &
  OpenRouterStackProps & {
    /** Where the JSON is written. @default what the CDKTF CLI says, else `cdktf.out` */
    readonly outdir?: string;
  };

/** Both stacks of one instance. No reference goes from one to the other: it would copy outputs into state. */
export function buildApp({ outdir, ...props }: AppProps): App {
  const app = new App({
    ...(outdir ? { outdir } : {}),
    // CDKTF's own validations run `terraform version` once for each terraform_data: slow, and blind to OpenTofu. What they
    // ask for stands in required_version, and the constructs check their props when they are made.
    skipValidation: true,
    context: { [programContext]: "../../../scripts/openclaw-openrouter.mjs" },
  });
  const vault = new VaultStack(app, props);
  const openrouter = new OpenRouterStack(app, props);
  openrouter.addDependency(vault);
  return app;
}
