import { LocalBackend, TerraformBackend, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { backendConfig, requireEncryptedState } from "../config/backend";
import type { Deployment } from "../model/deployment";
import type { StackName } from "../model/home-paths";
import { terraformVersion } from "../model/versions";

/**
 * The common part of both stacks: the backend of their state, and the required versions. CDKTF has one folder for each name of a
 * stack in an app, and writes a second stack over the first without a word: so that of the construct around it is a part of it.
 */
export abstract class BaseStack extends TerraformStack {
  protected constructor(scope: Construct, name: StackName, deployment: Deployment) {
    super(scope, [...scope.node.path.split("/"), name].filter(Boolean).join("-"));
    const { backend } = deployment.settings.terraform;
    requireEncryptedState(backend, process.env);
    if (backend.type === "local") {
      new LocalBackend(this, { path: deployment.home.state(name) });
    } else {
      new SettingsBackend(this, backend.type, backendConfig(backend, name));
    }
    this.addOverride("terraform.required_version", terraformVersion);
  }
}

/**
 * A backend as the settings name it. It is an element, not an override, because CDKTF adds a local backend to a stack without
 * one.
 */
class SettingsBackend extends TerraformBackend {
  constructor(
    scope: Construct,
    type: string,
    private readonly config: Record<string, unknown>,
  ) {
    super(scope, "backend", type);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return this.config;
  }

  override getRemoteStateDataSource(): never {
    throw new Error("No stack refers to another one: that would copy outputs into state.");
  }
}
