import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
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
 * Gives a person a token for the secrets under `secret/`, for a while.
 * @throws UserError where there is no container, or no shares to make it by
 */
export async function login(context: DeployContext, options: LoginOptions): Promise<OperatorToken> {
  const { home } = context.deployment;
  requireOwnVault(
    context.deployment,
    "To make a token for a person",
    "Its owner makes one: vault token create",
  );
  const { place } = await requireVault(context);
  const vault = VaultClient.at(place);
  const shares = readShares(home.shares) ?? (await context.askForShares?.((await readSealStatus(vault)).t));
  if (!shares) {
    throw new UserError({
      problem: "The shares are not on this host, and a token for a person is made by them.",
      got: `no ${home.shares}`,
      expected: whoHasShares(home),
      fix: "Run this on a terminal, which asks for them, or add --share-file FILE.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  return context.phase("Token", () => makeOperatorToken(vault, home, shares, options.ttlSeconds));
}
