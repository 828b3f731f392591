import type { DeployContext } from "./context";
import type { OpenedVault, OpenVaultOptions } from "./open-vault";
import { requireVault } from "./require-vault";

/**
 * Writes our policies and identities anew, whatever became of the old ones: after a restore, a lost file, or by hand. All else
 * in that Vault stays as it is.
 */
export function recover(
  context: DeployContext,
  options: Pick<OpenVaultOptions, "askForShares">,
): Promise<OpenedVault> {
  return requireVault(context, { ...options, renewIdentities: true, writeTokenHelper: true });
}
