import type { Progress } from "../progress";
import type { DeployContext } from "./context";
import { type OpenedVault, type OpenVaultOptions, openVault } from "./open-vault";

/**
 * Writes our policies and identities anew, whatever became of the old ones: after a restore, a lost file, or by hand. All else
 * in that Vault stays as it is.
 * @returns undefined where there is no container
 */
export function recover(
  context: DeployContext,
  progress: Progress,
  options: Pick<OpenVaultOptions, "askForShares">,
): Promise<OpenedVault | undefined> {
  return openVault(context, progress, { ...options, renewIdentities: true, writeTokenHelper: true });
}
