import { UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import type { VaultPlace } from "../../model/deployment";
import type { DeployContext } from "../../session/context";
import { readStoredKey, type StoredKey } from "../../session/read-stored-key";
import { testKey } from "../../session/test-key";
import { VaultClient } from "../../vault/client";
import type { KeyIdentity } from "./run-pending-cleanups";

/** A key's identity, and what it spends besides OpenRouter's credit. */
interface KnownKey extends KeyIdentity {
  /** Whether providers charge calls of it to keys of the account's own (BYOK). */
  readonly spendsByok: boolean;
}

/** The SHA-256 of a key, and what OpenRouter reports of it: nothing for a revoked key. */
export async function identityOf(
  { deployment, signal }: Pick<DeployContext, "deployment" | "signal">,
  key: string,
): Promise<KnownKey> {
  const tested = await testKey(deployment, key, signal);
  if (!tested.works) return { sha256: sha256(key), spendsByok: false };
  const { label, workspaceId, byokUsage } = tested.info;
  return { sha256: sha256(key), label, ...(workspaceId ? { workspaceId } : {}), spendsByok: byokUsage > 0 };
}

/** The stored key. @throws UserError if there is none */
export async function requireStored(
  { deployment }: DeployContext,
  place: VaultPlace,
): Promise<StoredKey & { key: string }> {
  const stored = await readStoredKey(VaultClient.at(place), deployment.home);
  if (stored?.key) return { ...stored, key: stored.key };
  throw new UserError({
    problem: "There is no key in secret/openrouter.",
    fix: "openclaw-openrouter up --key-file FILE",
  });
}
