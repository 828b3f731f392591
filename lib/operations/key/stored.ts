import { UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import type { VaultPlace } from "../../model/deployment";
import type { DeployContext } from "../../session/context";
import { readStoredKey, type StoredKey } from "../../session/read-stored-key";
import { testKey } from "../../session/test-key";
import { VaultClient } from "../../vault/client";
import type { KeyIdentity } from "./run-pending-cleanups";

/** The SHA-256 of a key and its label at OpenRouter, which reports none for a revoked key. */
export async function identityOf({ deployment, signal }: DeployContext, key: string): Promise<KeyIdentity> {
  const tested = await testKey(deployment, key, signal);
  return { sha256: sha256(key), ...(tested.works ? { label: tested.info.label } : {}) };
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
