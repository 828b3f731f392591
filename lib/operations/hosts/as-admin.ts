import type { EngineContext } from "../../session/context";
import type { AskAdminToken } from "../../session/external-vault";
import { requireShares } from "../../session/require-shares";
import { requireVault } from "../../session/require-vault";
import { VaultClient } from "../../vault/client";
import { explained, reachExternalVault, requireActive } from "../../vault/external-vault";
import {
  adminPolicyPages,
  type Capabilities,
  requireCapabilities,
} from "../../vault/identities/capabilities";
import { activeRootToken } from "../../vault/identities/root";
import { withRootToken } from "../../vault/identities/root-session";

/**
 * Runs work on the policies, roles and entities of the instance's Vault: with a temporary root token made from the shares, which
 * ends with the work, or, in an external Vault, with an admin's token that a person gives.
 * @param why the reason to ask for an admin's token: the sentence continues "An admin's token … is needed to"
 * @param needs the capabilities that an admin's token needs for it
 * @throws UserError if nobody gives shares or a token, or Vault does not take them, or the token may not do all of it
 */
export async function asAdmin<T>(
  context: EngineContext,
  {
    why,
    askAdminToken,
    needs,
  }: { readonly why: string; readonly askAdminToken: AskAdminToken; readonly needs: Capabilities },
  work: (admin: VaultClient) => Promise<T>,
): Promise<T> {
  const { deployment } = context;
  if (deployment.external) {
    const vault = VaultClient.at(deployment);
    await reachExternalVault(deployment, vault);
    const token = await askAdminToken(
      `An admin's token for the Vault at ${vault.address} is needed to ${why}. It is not kept.`,
    );
    const admin = vault.withToken(token);
    await requireActive(admin);
    const page = adminPolicyPages.hosts;
    await requireCapabilities(admin, needs, page);
    return explained(vault, () => work(admin), page);
  }
  const { home } = deployment;
  const vault = VaultClient.at((await requireVault(context)).place);
  const left = await activeRootToken(vault, home);
  const source = left ?? (await requireShares(context, vault, "A change of who has access to Vault"));
  return withRootToken(vault, home, source, work);
}
