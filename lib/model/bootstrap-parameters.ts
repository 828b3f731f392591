import { type Deployment, reachOf, type VaultPlace } from "./deployment";
import type { BootstrapParameters } from "./run-parameters";

/**
 * The parameters of bootstrap for an instance.
 * @param place the current place of its Vault; by default the declared one
 */
export function bootstrapParametersOf(
  deployment: Deployment,
  place: VaultPlace = deployment,
): BootstrapParameters {
  const { shares, threshold } = deployment.settings.vault;
  return {
    home: deployment.home.root,
    ...reachOf(place),
    container: deployment.container,
    dataVolume: deployment.dataVolume,
    shares,
    threshold,
  };
}
