import { DataResource, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { parametersVariable, type StepName, type StepParameters } from "../model/run-parameters";
import { literal } from "./literal";

export interface RunStepProps<S extends StepName> {
  /** The hidden command of the package's program. */
  readonly step: S;
  /** The parameters of the step. They are part of the synthesized JSON, so they hold no secret. */
  readonly parameters: StepParameters<S>;
  /** The step runs again when one of these changes. */
  readonly triggers: readonly string[];
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * The context key of the path of the package's program. The path is relative to a stack's folder (`cdktf.out/stacks/<stack>`),
 * so that every checkout gives the same JSON. Commands that synthesize elsewhere set the path by environment instead.
 */
export const programContext = "openclaw-openrouter:program";
const installedProgram = "../../../node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs";

/**
 * A step at run time, declared as a `terraform_data` whose local-exec calls this package's own program.
 *
 * Nothing in a stack may be created beside a step. Terraform has a step as created in its memory before the step runs, and writes
 * this down with the next other resource: killed then, it takes the step for done.
 */
export function runStep<S extends StepName>(
  scope: Construct,
  id: string,
  props: RunStepProps<S>,
): DataResource {
  const program = scope.node.tryGetContext(programContext) ?? installedProgram;
  const step = new DataResource(scope, id, {
    triggersReplace: props.triggers.map(literal),
    dependsOn: [...(props.dependsOn ?? [])],
    provisioners: [
      {
        type: "local-exec",
        // `exec`: an interrupted Terraform kills the shell, which would leave the program running without it.
        command: literal(
          `exec "\${OPENCLAW_OPENROUTER_NODE:-node}" "\${OPENCLAW_OPENROUTER_BIN:-${program}}" ${props.step}`,
        ),
        environment: { [parametersVariable]: literal(JSON.stringify(props.parameters)) },
      },
    ],
  });
  // An override, because the bindings do not have it. The command line does not help a reader.
  step.addOverride("provisioner.0.local-exec.quiet", true);
  return step;
}
