import type { EngineContext } from "../../session/context";
import { readStoredKey } from "../../session/read-stored-key";
import { VaultClient } from "../../vault/client";
import type { Account } from "../key/account";
import { type CleanupsResult, leftKeys, runPendingCleanups } from "../key/run-pending-cleanups";
import { identityOf } from "../key/stored";

/** Runs the instance's pending key cleanups, those of its hosts among them. @param account @default they are only listed */
export async function cleanUp(
  { deployment, signal }: EngineContext,
  account: Account | undefined,
): Promise<CleanupsResult> {
  const { home } = deployment;
  const own = account && (await readStoredKey(VaultClient.at(deployment), home));
  if (!account || !own?.key) return { done: [], left: leftKeys(home) };
  return runPendingCleanups(account.manager, home, await identityOf({ deployment, signal }, own.key));
}
