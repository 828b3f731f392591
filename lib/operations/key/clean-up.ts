import type { EngineContext } from "../../session/context";
import { readStoredKey } from "../../session/read-stored-key";
import { VaultClient } from "../../vault/client";
import type { Account } from "./account";
import { type CleanupsResult, leftKeys, runPendingCleanups } from "./run-pending-cleanups";
import { identityOf } from "./stored";

/**
 * Runs the instance's pending key cleanups, those of its hosts among them.
 * @param account @default they are only listed
 * @param active the stored key. @default it is read
 */
export async function cleanUp(
  { deployment, signal }: Pick<EngineContext, "deployment" | "signal">,
  account: Account | undefined,
  active?: string,
): Promise<CleanupsResult> {
  const { home } = deployment;
  const own = account && (active ?? (await readStoredKey(VaultClient.at(deployment), home))?.key);
  if (!account || !own) return { done: [], left: leftKeys(home) };
  return runPendingCleanups(account.manager, home, await identityOf({ deployment, signal }, own));
}
