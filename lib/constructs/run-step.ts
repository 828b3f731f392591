import { DataResource, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { parametersVariable } from "../model/run-parameters";
import { literal } from "./literal";

export interface RunStepProps {
  /** The hidden command of the package's program. */
  readonly step:
    | "prepare-container"
    | "place-seal"
    | "bootstrap"
    | "connect"
    | "store-key"
    | "install"
    | "verify";
  /** What the step must know. Lands in the synthesized JSON: no secret. */
  readonly parameters: object;
  /** The step runs again when one of these changes. */
  readonly triggers: readonly string[];
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Context key of the path of the package's program, relative to a stack's folder (`cdktf.out/stacks/<stack>`): relative, so
 * that the same JSON comes out in every checkout. Our commands, which synthesize elsewhere, name it by environment instead.
 */
export const programContext = "openclaw-openrouter:program";
const installedProgram = "../../../node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs";

/** A step at run time, declared as a `terraform_data` whose local-exec calls this package's own program. */
export function runStep(scope: Construct, id: string, props: RunStepProps): DataResource {
  const program = scope.node.tryGetContext(programContext) ?? installedProgram;
  const step = new DataResource(scope, id, {
    triggersReplace: props.triggers.map(literal),
    dependsOn: [...(props.dependsOn ?? [])],
    provisioners: [
      {
        type: "local-exec",
        // `exec`: when Terraform is interrupted it kills the shell, which would leave the program running by itself.
        command: literal(
          `exec "\${OPENCLAW_OPENROUTER_NODE:-node}" "\${OPENCLAW_OPENROUTER_BIN:-${program}}" ${props.step}`,
        ),
        environment: { [parametersVariable]: literal(JSON.stringify(props.parameters)) },
      },
    ],
  });
  // The bindings do not know it: the command line itself says nothing to a reader.
  step.addOverride("provisioner.0.local-exec.quiet", true);
  return step;
}
