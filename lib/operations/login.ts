import { wrongUsage } from "../core/errors";
import type { DeployContext } from "../session/context";
import { requireOwnVault } from "../session/external-vault";
import { requireVault } from "../session/require-vault";
import { whoHasShares } from "../store/shares-record";
import { VaultClient } from "../vault/client";
import { makeOperatorToken, type OperatorToken } from "../vault/operator";
import { readShares } from "../vault/shares/shares-file";
import { readSealStatus } from "../vault/wait";

export interface LoginOptions {
  readonly ttlSeconds: number;
}

/**
 * Creates a token for a person: it reads and writes the secrets under `secret/`, and expires.
 * @throws UserError if the container or the shares are missing
 */
export async function login(context: DeployContext, options: LoginOptions): Promise<OperatorToken> {
  const { home } = context.deployment;
  requireOwnVault(
    context.deployment,
    "To create a token for a person",
    "Its owner creates one: vault token create",
  );
  const { place } = await requireVault(context);
  const vault = VaultClient.at(place);
  const shares = readShares(home.shares) ?? (await context.askForShares?.((await readSealStatus(vault)).t));
  if (!shares) {
    throw wrongUsage({
      problem: "The shares are not on this host. A token for a person needs them.",
      got: `no ${home.shares}`,
      expected: whoHasShares(home),
      fix: "Run this command on a terminal, which asks for them, or add --share-file FILE.",
    });
  }
  return context.phase("Token", () => makeOperatorToken(vault, home, shares, options.ttlSeconds));
}
