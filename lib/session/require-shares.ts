import { wrongUsage } from "../core/errors";
import { whoHasShares } from "../store/records/shares-record";
import type { VaultClient } from "../vault/client";
import { type KeyShares, readShares } from "../vault/shares/shares-file";
import { readSealStatus } from "../vault/wait";
import type { EngineContext } from "./context";

/**
 * The shares on this host, else those that people give.
 * @param what what needs them: the begin of the sentence "… needs them."
 * @throws UserError (wrong usage) if nobody gives them
 */
export async function requireShares(
  { deployment, askForShares }: EngineContext,
  vault: VaultClient,
  what: string,
): Promise<KeyShares> {
  const { home } = deployment;
  const shares = readShares(home.shares) ?? (await askForShares?.((await readSealStatus(vault)).t));
  if (shares) return shares;
  throw wrongUsage({
    problem: `The shares are not on this host. ${what} needs them.`,
    got: `no ${home.shares}`,
    expected: whoHasShares(home),
    fix: "Run this command on a terminal, which asks for them, or add --share-file FILE.",
  });
}
