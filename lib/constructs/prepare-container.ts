import type { Image } from "@cdktf/provider-docker/lib/image";
import type { Volume } from "@cdktf/provider-docker/lib/volume";
import type { DataResource } from "cdktf";
import type { Construct } from "constructs";
import type { PrepareContainerParameters } from "../model/run-parameters";
import type { VaultTlsFiles } from "../model/vault-tls";
import { requireThat } from "./require";
import { runStep } from "./run-step";

export interface PrepareContainerProps {
  /** The instance directory, in which the CA is kept. */
  readonly home: string;
  readonly instanceId: string;
  readonly container: string;
  readonly network: string;
  readonly port: number;
  readonly image: Image;
  readonly homeVolume: Volume;
  readonly socketVolume: Volume;
  /** @default Vault serves plain HTTP */
  readonly tls?: VaultTlsFiles;
}

/**
 * What must be there before Vault's container starts: its network, its certificate on the home volume, and the folder of its
 * Unix listener. A step, since Terraform's provider waits two seconds at each look at a network.
 *
 * Its triggers read no file: a certificate that is renewed later is placed by the commands that renew it.
 */
export function prepareContainer(scope: Construct, id: string, props: PrepareContainerProps): DataResource {
  const { home, instanceId, container, network, port, image, homeVolume, socketVolume, tls } = props;
  for (const name of ["certificateFile", "keyFile", "caFile"] as const) {
    const path = tls?.[name];
    requireThat(scope, path === undefined || path.startsWith("/"), `tls.${name}`, path, "an absolute path");
  }
  const parameters: PrepareContainerParameters = {
    home,
    instanceId,
    container,
    network,
    homeVolume: homeVolume.name,
    socketVolume: socketVolume.name,
    image: image.imageId,
    port,
    ...(tls ? { tls } : {}),
  };
  return runStep(scope, id, {
    step: "prepare-container",
    parameters,
    // A volume's id is not known before it is made: a new one of the same name triggers as well.
    triggers: [network, homeVolume.id, socketVolume.id, tls ? tls.certificateFile : "plain HTTP"],
  });
}
