import type { TerraformStack } from "cdktf";
import { providerVersions } from "../model/versions";

/**
 * Pins providers of a stack to the versions with which this package was tested: the bindings, which are frozen, ask for older ones.
 */
export function pinProviders(stack: TerraformStack, ...names: (keyof typeof providerVersions)[]): void {
  for (const name of names) {
    stack.addOverride(`terraform.required_providers.${name}.version`, providerVersions[name]);
  }
}
