import type { Progress } from "../../core/progress";
import type { VaultPlace } from "../../model/deployment";
import { keyVersion } from "../../model/openrouter-key";
import { applyStack } from "../../session/apply-stacks";
import { generationThatWrites } from "../../session/choose-key";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { readStoredKey } from "../../session/read-stored-key";
import { readKeyRecord, recordStoredKey, writeKeyRecord } from "../../store/key-record";
import { VaultClient } from "../../vault/client";

/**
 * Applies the second stack with a key, so that Terraform's next plan is empty. If an interrupted run has already stored the
 * key, the stored version stays unchanged.
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
