import type { Volume } from "@cdktf/provider-docker/lib/volume";
import type { DataResource, ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { PrepareContainerParameters } from "../model/run-parameters";
import { runStep } from "./run-step";

/**
 * Prepares the start of Vault's container: its network, its certificate on the home volume, and the folder of its Unix
 * listener. It is a step because Terraform's provider waits two seconds each time it reads a network.
 *
 * Its triggers read no file: the commands that renew a certificate also place it.
 * @param volumes those that it writes to. An id is known only after the creation, so a new volume of the same name triggers it too
 */
export function prepareContainer(
  scope: Construct,
  id: string,
  parameters: PrepareContainerParameters,
  { volumes, dependsOn }: { volumes: readonly Volume[]; dependsOn: readonly ITerraformDependable[] },
): DataResource {
  const { network, tls, listen, socketUser } = parameters;
  return runStep(scope, id, {
    step: "prepare-container",
    parameters,
    triggers: [
      network,
      ...volumes.map((volume) => volume.id),
      tls ? tls.certificateFile : "plain HTTP",
      ...(listen === undefined ? [] : [listen]),
      ...(socketUser === undefined ? [] : [`socket of uid ${socketUser}`]),
    ],
    dependsOn,
  });
}
