import type { Image } from "@cdktf/provider-docker/lib/image";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import type { DataResource, ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { defined } from "../core/defined";
import type { PrepareContainerParameters } from "../model/run-parameters";
import { runStep } from "./run-step";

/** What the step is given, with the image and the volumes as resources that it depends on. */
export interface PrepareContainerProps
  extends Omit<PrepareContainerParameters, "image" | "homeVolume" | "socketVolume"> {
  readonly image: Image;
  readonly homeVolume: Volume;
  readonly socketVolume: Volume;
  /** Created before it: see {@link runStep}. @default none */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Prepares the start of Vault's container: its network, its certificate on the home volume, and the folder of its Unix
 * listener. It is a step because Terraform's provider waits two seconds each time it reads a network.
 *
 * Its triggers read no file: the commands that renew a certificate also place it.
 */
export function prepareContainer(scope: Construct, id: string, props: PrepareContainerProps): DataResource {
  const { home, instanceId, container, network, port, listen, image, tls } = props;
  const { homeVolume, socketVolume, socketUser, dependsOn } = props;
  return runStep(scope, id, {
    step: "prepare-container",
    parameters: {
      ...{ home, instanceId, container, network, port, image: image.imageId },
      homeVolume: homeVolume.name,
      socketVolume: socketVolume.name,
      ...defined({ listen, socketUser, tls }),
    },
    // A volume's id is known only after its creation, so a new volume of the same name also triggers the step.
    triggers: [
      ...[network, homeVolume.id, socketVolume.id, tls ? tls.certificateFile : "plain HTTP"],
      ...(listen === undefined ? [] : [listen]),
      ...(socketUser === undefined ? [] : [`socket of uid ${socketUser}`]),
    ],
    ...defined({ dependsOn }),
  });
}
