import type { DeclaredKey } from "../instance/key-record";
import { buildApp } from "../stacks/build-app";
import type { DeployContext } from "./context";

/** Synthesizes both stacks into the instance home. */
export function declare({ deployment, instanceId, host }: DeployContext, key: DeclaredKey): void {
  buildApp({
    deployment,
    instanceId,
    image: host.image.reference,
    keyVersion: key.keyVersion,
    keyGeneration: key.keyGeneration,
    outdir: deployment.home.cdktfOut,
  }).synth();
}
