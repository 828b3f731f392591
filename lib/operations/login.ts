import type { DeployContext } from "../session/context";
import { requireOwnVault } from "../session/external-vault";
import { requireShares } from "../session/require-shares";
import { requireVault } from "../session/require-vault";
import { VaultClient } from "../vault/client";
import { makeOperatorToken, type OperatorToken } from "../vault/operator";

/**
 * Creates a token for a person: it reads and writes the secrets under `secret/`, and expires.
 * @param ttl in seconds
 * @throws UserError if the container or the shares are missing
 */
export async function login(context: DeployContext, ttl: number): Promise<OperatorToken> {
  const { home } = context.deployment;
  requireOwnVault(
    context.deployment,
    "To create a token for a person",
    "Its owner creates one: vault token create",
  );
  const { place } = await requireVault(context);
  const vault = VaultClient.at(place);
  const shares = await requireShares(context, vault, "A token for a person");
  return context.phase("Token", () => makeOperatorToken(vault, home, shares, ttl));
}
