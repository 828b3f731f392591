import type { DeployContext } from "../session/context";
import { requireOwnVault } from "../session/external-vault";
import type { OpenedVault } from "../session/opened-vault";
import { requireVault } from "../session/require-vault";

/**
 * Writes what bootstrap writes again: the policies and identities, the audit device, the mount for backups, and the tuning of
 * the mount `secret/`, of AppRole and of tokens. Removes added audit headers and CORS settings. Use it after a restore, a lost file, or a
 * manual change. Everything else in that Vault stays unchanged.
 */
export async function recover(context: DeployContext): Promise<OpenedVault> {
  requireOwnVault(
    context.deployment,
    "To recover",
    "openclaw-openrouter up\nwhich asks for an admin's token if the identities do not work; to replace identities that do, destroy first.",
  );
  return requireVault(context, { renewIdentities: true, writeTokenHelper: true });
}
