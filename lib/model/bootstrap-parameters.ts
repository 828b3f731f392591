import type { Deployment } from "./deployment";
import type { BootstrapParameters } from "./run-parameters";

/** What bootstrap must know of an instance. */
export function bootstrapParametersOf(deployment: Deployment): BootstrapParameters {
  const { shares, threshold } = deployment.settings.vault;
  return {
    home: deployment.home.root,
    address: deployment.address,
    container: deployment.container,
    dataVolume: deployment.dataVolume,
    shares,
    threshold,
  };
}
