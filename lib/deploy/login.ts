import { UserError } from "../errors";
import { whoHasShares } from "../instance/shares-record";
import { ExitCode } from "../model/exit-codes";
import { VaultClient } from "../vault/client";
import { makeOperatorToken, type OperatorToken } from "../vault/operator";
import { readShares } from "../vault/shares-file";
import { readSealStatus } from "../vault/wait";
import type { DeployContext } from "./context";
import { requireOwnVault } from "./external-vault";
import { requireVault } from "./require-vault";

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
