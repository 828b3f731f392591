import type { Image } from "@cdktf/provider-docker/lib/image";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import type { DataResource } from "cdktf";
import type { Construct } from "constructs";
import type { VaultTlsFiles } from "../model/deployment";
import type { PlaceTlsParameters } from "../model/run-parameters";
import { hashOfFile } from "./hash-of-file";
import { requireThat } from "./require";
import { runStep } from "./run-step";

export interface PlaceTlsProps {
  readonly instanceId: string;
  readonly container: string;
  readonly port: number;
  readonly image: Image;
  readonly homeVolume: Volume;
  readonly files: VaultTlsFiles;
}

/**
 * Puts certificate, key and CA onto the container's home volume, before the container starts; one that runs takes them up
 * without a restart. Runs again for another certificate or CA, and for a new volume.
 */
export function placeTls(scope: Construct, id: string, props: PlaceTlsProps): DataResource {
  const { instanceId, container, port, image, homeVolume, files } = props;
  for (const name of ["certificateFile", "keyFile", "caFile"] as const) {
    requireThat(scope, files[name].startsWith("/"), `tls.${name}`, files[name], "an absolute path");
  }
  const { certificateFile, keyFile, caFile } = files;
  const parameters: PlaceTlsParameters = {
    instanceId,
    container,
    homeVolume: homeVolume.name,
    image: image.imageId,
    port,
    certificateFile,
    keyFile,
    caFile,
  };
  return runStep(scope, id, {
    step: "place-tls",
    parameters,
    // A volume's id is not known before it is made: a new one of the same name triggers as well.
    // A key has its certificate's hash: one is enough.
    triggers: [hashOfFile(certificateFile), hashOfFile(caFile), homeVolume.id],
  });
}
