import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { CheckParameters } from "../model/run-parameters";
import { runStep } from "./run-step";

export interface DeployCheckProps {
  readonly parameters: CheckParameters;
  /** The check runs again when one of these changes: the key's version, the models, the artifacts. */
  readonly triggers: readonly string[];
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** The check as the last step of a deploy, so that a bare `cdktf deploy` runs it too. */
export class DeployCheck extends Construct {
  constructor(scope: Construct, id: string, props: DeployCheckProps) {
    super(scope, id);
    runStep(this, "run", { step: "verify", ...props });
  }
}
