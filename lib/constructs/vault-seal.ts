import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { type DataResource, Fn, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { credentialOption } from "../config/credential-option";
import type { PlaceSealParameters } from "../model/run-parameters";
import { hashOfFile } from "./hash-of-file";
import { requirePath, requireThat } from "./require";
import { runStep } from "./run-step";

/**
 * Puts a seal's configuration, with its credentials, onto the container's home volume, before the container starts. Runs again
 * if the options, the credentials or the volume change.
 * @param volume the home volume
 */
export function placeSeal(
  scope: Construct,
  id: string,
  parameters: PlaceSealParameters,
  { volume, dependsOn }: { volume: Volume; dependsOn: readonly ITerraformDependable[] },
): DataResource {
  const { seal } = parameters;
  for (const option of Object.keys(seal.options))
    requireThat(
      scope,
      !credentialOption.test(option),
      `seal.options.${option}`,
      "set, in plain text",
      "the path of a file that holds it, in `seal.secrets` or `seal.files`",
    );
  const files = [...Object.entries(seal.secrets), ...Object.entries(seal.files)];
  for (const [option, path] of files) requirePath(scope, `seal.${option}`, path);
  return runStep(scope, id, {
    step: "place-seal",
    parameters,
    triggers: [
      JSON.stringify(seal),
      // Enough to detect a changed credential, and too little to test a guessed one.
      ...files.map(([, path]) => Fn.substr(hashOfFile(path), 0, 12)),
      volume.id,
    ],
    dependsOn,
  });
}
