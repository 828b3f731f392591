import type { VaultProviderConfig } from "@cdktf/provider-vault/lib/provider";
import { homePaths } from "../model/home-paths";
import { vaultLogin } from "../model/vault/vault-login";
import { literal } from "./literal";
import type { IVault } from "./vault";

/**
 * The options of the `VaultProvider` in the stack of an `OpenRouterSecret`: Vault's address, and the login as the deployer, whose
 * credentials Terraform reads from the instance directory. No token is needed.
 * @param vault the Vault that holds the key
 */
export function vaultProviderConfig(vault: IVault): VaultProviderConfig {
  const { address, caFile, home, namespace } = vault;
  const named = namespace ? { namespace: literal(namespace) } : {};
  return {
    address,
    ...named,
    ...(caFile ? { caCertFile: literal(caFile) } : {}),
    // A child token would need its own policy and outlive the run.
    skipChildToken: true,
    authLogin: [{ ...vaultLogin(homePaths(home), "deployer"), ...named }],
  };
}
