import { LocalBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { Deployment } from "../model/deployment";
import type { StackName } from "../model/home-paths";
import { providerVersions, terraformVersion } from "../model/versions";

/** What both stacks share: where their state is kept, and which versions they ask for. */
export abstract class BaseStack extends TerraformStack {
  protected constructor(scope: Construct, name: StackName, deployment: Deployment) {
    super(scope, name);
    const { backend } = deployment.settings.terraform;
    if (backend.type === "local") {
      new LocalBackend(this, { path: deployment.home.state(name) });
    } else {
      this.addOverride("terraform.backend", { [backend.type]: forStack(backend.config, name) });
    }
    this.addOverride("terraform.required_version", terraformVersion);
  }

  /** The bindings were frozen at older versions than these, with which they were tried. */
  protected pinProviders(...names: (keyof typeof providerVersions)[]): void {
    for (const name of names) {
      this.addOverride(`terraform.required_providers.${name}.version`, providerVersions[name]);
    }
  }
}

/** Each stack has a state of its own: `{stack}` in a backend's settings stands for the stack's name. */
function forStack(config: Record<string, unknown>, stack: string): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config).replaceAll("{stack}", stack));
}
