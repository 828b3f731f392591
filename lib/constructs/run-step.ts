import { existsSync } from "node:fs";
import { join } from "node:path";
import { DataResource, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { z } from "zod";
import {
  parametersVariable,
  type StepName,
  type StepParameters,
  stepParameters,
} from "../model/run-parameters";
import { literal } from "./literal";
import { requireThat } from "./require";

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

/** The program in the nearest `node_modules` from the app's folder up, where Node finds it: a workspace has it above the app. */
function installedProgram(): string {
  const program = "node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs";
  const app = process.cwd();
  const folders = app.split("/").map((_, level) => "../".repeat(level));
  const folder = folders.find((up) => existsSync(join(app, up, program))) ?? "";
  return `../../../${folder}${program}`;
}

/**
 * A step at run time, declared as a `terraform_data` whose local-exec calls this package's own program.
 *
 * Nothing in a stack may be created beside a step. Terraform has a step as created in its memory before the step runs, and writes
 * this down with the next other resource: killed then, it takes the step for done.
 * @throws Error that names an option which the step would refuse in the middle of a deploy
 */
export function runStep<S extends StepName>(
  scope: Construct,
  id: string,
  props: RunStepProps<S>,
): DataResource {
  requireParameters(scope, props);
  const program = scope.node.tryGetContext(programContext) ?? installedProgram();
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

function requireParameters<S extends StepName>(
  scope: Construct,
  { step, parameters }: RunStepProps<S>,
): void {
  const { error } = stepParameters[step].safeParse(JSON.parse(JSON.stringify(parameters)), {
    error: expected,
  });
  for (const { path, message } of error?.issues ?? []) {
    const got = path.reduce<unknown>(
      (value, name) => (value as Record<PropertyKey, unknown>)[name],
      parameters,
    );
    // A number that is known only at apply is a part of a text such as an address.
    const isKnownLater = typeof got === "string" && /\de\+\d/.test(got);
    requireThat(scope, isKnownLater, path.join("."), got, message);
  }
}

/** Completes "expected …". */
function expected(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === "invalid_type") return issue.expected;
  if (issue.code === "invalid_value") return `one of ${issue.values.join(", ")}`;
  return issue.code === "invalid_format" && issue.format === "url" ? "a URL" : undefined;
}
