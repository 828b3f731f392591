import { readKeyRecord, recordStoredKey, writeKeyRecord } from "../../instance/key-record";
import type { VaultPlace } from "../../model/deployment";
import { keyVersion } from "../../model/openrouter-key";
import type { Progress } from "../../progress";
import { VaultClient } from "../../vault/client";
import { applyStack } from "../apply-stacks";
import { generationThatWrites } from "../choose-key";
import type { DeployContext } from "../context";
import { declare } from "../declare";
import { readStoredKey } from "../read-stored-key";

/**
 * Stores a key by applying the second stack with it, so that Terraform's next plan is empty. A run that was interrupted may have
 * stored it already: then that is left unchanged.
 */
export async function storeKey(
  context: DeployContext,
  place: VaultPlace,
  key: string,
  progress: Progress,
): Promise<void> {
  const { home } = context.deployment;
  const record = readKeyRecord(home);
  const stored = await readStoredKey(VaultClient.at(place), home);
  const generation = stored?.key === key ? record.generation : generationThatWrites(key, record);
  const version = keyVersion(key, generation);
  writeKeyRecord(home, { ...record, generation });
  await declare(context, { keyGeneration: generation, keyVersion: version });
  await applyStack(context, "openrouter", key, progress);
  recordStoredKey(home, { key, version, generation });
}
