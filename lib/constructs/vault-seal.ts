import type { Image } from "@cdktf/provider-docker/lib/image";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import { type DataResource, Fn, type ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import { credentialOption } from "../config/credential-option";
import { defined } from "../core/defined";
import { reachOf, type VaultPlace } from "../model/deployment";
import type { SealDeclaration } from "../model/vault/seal";
import { hashOfFile } from "./hash-of-file";
import { requirePath, requireThat } from "./require";
import { runStep } from "./run-step";

export interface PlaceSealProps extends Omit<VaultPlace, "external"> {
  readonly instanceId: string;
  readonly container: string;
  readonly image: Image;
  readonly homeVolume: Volume;
  readonly seal: SealDeclaration;
  /** Created before it: see {@link runStep}. @default none */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Puts a seal's configuration, with its credentials, onto the container's home volume, before the container starts. Runs again
 * if the options, the credentials or the volume change.
 */
export function placeSeal(scope: Construct, id: string, props: PlaceSealProps): DataResource {
  const { instanceId, container, image, homeVolume, seal, dependsOn } = props;
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
    parameters: {
      ...{ instanceId, container, seal, image: image.imageId, homeVolume: homeVolume.name },
      ...reachOf(props),
    },
    triggers: [
      JSON.stringify(seal),
      // Enough to detect a changed credential, and too little to test a guessed one.
      ...files.map(([, path]) => Fn.substr(hashOfFile(path), 0, 12)),
      homeVolume.id,
    ],
    ...defined({ dependsOn }),
  });
}
