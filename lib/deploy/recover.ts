import type { DeployContext } from "./context";
import { requireOwnVault } from "./existing-vault";
import type { OpenedVault } from "./open-vault";
import { requireVault } from "./require-vault";

/**
 * Writes our policies and identities anew, whatever became of the old ones: after a restore, a lost file, or by hand. All else
 * in that Vault stays as it is.
 */
export async function recover(context: DeployContext): Promise<OpenedVault> {
  requireOwnVault(
    context.deployment,
    "To recover",
    "npx openclaw-openrouter up\nwhich asks for an admin's token where the identities do not work; to have new ones all the same, destroy first",
  );
  return requireVault(context, { renewIdentities: true, writeTokenHelper: true });
}
