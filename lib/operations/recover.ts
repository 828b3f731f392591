import type { DeployContext } from "../session/context";
import { requireOwnVault } from "../session/external-vault";
import type { OpenedVault } from "../session/opened-vault";
import { requireVault } from "../session/require-vault";

/**
 * Writes again what bootstrap wrote: our policies and identities, the audit device, the tuning of the mount `secret/` and of
 * AppRole; and takes back what was added to the audit log's headers, or opened to web pages. Whatever became of it: after a restore,
 * a lost file, or a change by hand. All else in that Vault stays unchanged.
 */
export async function recover(context: DeployContext): Promise<OpenedVault> {
  requireOwnVault(
    context.deployment,
    "To recover",
    "openclaw-openrouter up\nwhich asks for an admin's token where the identities do not work; to have new ones all the same, destroy first",
  );
  return requireVault(context, { renewIdentities: true, writeTokenHelper: true });
}
