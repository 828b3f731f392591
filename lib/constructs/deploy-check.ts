import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { defined } from "../core/defined";
import type { Deployment } from "../model/deployment";
import { checkParametersOf } from "../model/run-parameters";
import { runStep } from "./run-step";

export interface DeployCheckProps {
  /** The instance whose Vault, key and OpenClaw are checked. See `deployment`. */
  readonly deployment: Deployment;
  /** The check runs again when one of these changes: the key's version, the models, the artifacts. */
  readonly triggers: readonly string[];
  /** What is checked, which is created first. @default nothing */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** The check as the last step of a deploy, so that a bare `cdktf deploy` runs it too. */
export class DeployCheck extends Construct {
  constructor(scope: Construct, id: string, { deployment, triggers, dependsOn }: DeployCheckProps) {
    super(scope, id);
    runStep(this, "run", {
      step: "verify",
      parameters: checkParametersOf(deployment),
      triggers,
      ...defined({ dependsOn }),
    });
  }
}
