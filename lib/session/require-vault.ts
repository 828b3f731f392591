import type { Deployment } from "../model/deployment";
import { requireFinished } from "../store/records/replacing-record";
import type { EngineContext } from "./context";
import { notDeployed } from "./not-deployed";
import { type OpenVaultOptions, openAsPhase } from "./open-vault";
import type { OpenedVault } from "./opened-vault";

/**
 * Opens the Vault of a deployed instance.
 * @throws UserError (not deployed) if there is no container, unless a command that is not finished removed it
 */
export async function requireVault(context: EngineContext, options?: OpenVaultOptions): Promise<OpenedVault> {
  const opened = await openAsPhase(context, options);
  if (opened) return opened;
  const { instance, home, container } = context.deployment;
  // An upgrade or a rebuild removes the container for a while.
  requireFinished(home);
  throw notDeployed(instance, `no container ${container}`);
}

/** The command that writes the identities and policies in Vault again. */
export function renewal({ external }: Pick<Deployment, "external">): string {
  return external
    ? "openclaw-openrouter up\nwhich asks for an admin's token, once (or takes it by --admin-token-file)"
    : "openclaw-openrouter vault renew-identities\nwhich asks for the shares, or takes them from this host";
}
