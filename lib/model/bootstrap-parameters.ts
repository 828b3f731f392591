import { type Deployment, reachOf, type VaultPlace } from "./deployment";
import type { BootstrapParameters } from "./run-parameters";

/**
 * What bootstrap must know of an instance.
 * @param place where its Vault answers now; by default, as declared
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
