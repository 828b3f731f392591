import { UserError } from "../../errors";
import type { VaultPlace } from "../../model/deployment";
import { sha256 } from "../../model/fingerprint";
import { VaultClient } from "../../vault/client";
import type { DeployContext } from "../context";
import { readStoredKey, type StoredKey } from "../read-stored-key";
import { testKey } from "../test-key";
import type { KeyIdentity } from "./run-pending-cleanups";

/** A key with OpenRouter's label, where it tells it: not of a key that was revoked. */
export async function identityOf({ deployment, signal }: DeployContext, key: string): Promise<KeyIdentity> {
  const tested = await testKey(deployment, key, signal);
  return { sha256: sha256(key), ...(tested.works ? { label: tested.info.label } : {}) };
}

/** @throws UserError where there is none */
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
