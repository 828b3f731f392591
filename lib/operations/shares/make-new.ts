import { writeJson } from "../../core/files/files";
import type { DeployContext } from "../../session/context";
import { type RekeyRecord, rekeyRecord } from "../../store/records/rekey-record";
import type { VaultClient } from "../../vault/client";
import { Disturbed } from "../../vault/shares/give-shares";
import {
  makeNewShares,
  NotActive,
  type RekeyProps,
  type RekeyTarget,
  verifyNewShares,
} from "../../vault/shares/rekey";
import { finishRekey, resumeRekey } from "../../vault/shares/resume-rekey";
import type { Shares } from "../../vault/shares/shares-file";

/** A rekey of the instance's open Vault. */
export interface Rekeying {
  readonly context: DeployContext;
  readonly vault: VaultClient;
  readonly target: RekeyTarget;
}

/** Makes new shares, and records the nonce that identifies this rekey in Vault. */
export async function makeAndRecord(
  { context, vault, target }: Rekeying,
  record: RekeyRecord,
  props: RekeyProps,
): Promise<{ made: readonly string[]; known: RekeyRecord }> {
  const { phase, deployment } = context;
  const { home } = deployment;
  rekeyRecord.write(home, record);
  const made = await phase("New shares", () => makeNewShares(vault, target, props)).catch((error) => {
    rekeyRecord.remove(home);
    throw error;
  });
  const known = { ...record, nonce: made.nonce };
  rekeyRecord.write(home, known);
  return { made: made.shares, known };
}

/**
 * Makes new shares, stores them on this host beside the previous ones, and then activates them.
 * @throws Disturbed if somebody cancelled the rekey before its end: then it can begin again
 */
export async function makeAndKeep(rekeying: Rekeying, record: RekeyRecord, props: RekeyProps): Promise<void> {
  const { context, vault, target } = rekeying;
  const { home } = context.deployment;
  const { made, known } = await makeAndRecord(rekeying, record, props);
  const { generation, threshold, since } = record;
  const next: Shares = { shares: [...made], threshold, generation, created: since };
  writeJson(home.nextShares, next);
  const verifying = { ...known, verifying: true };
  rekeyRecord.write(home, verifying);
  await context
    .phase("Verification", () => verifyNewShares(vault, target, next))
    .catch(async (error) => {
      if (!(error instanceof NotActive)) throw error;
      await resumeRekey(vault, home);
      throw rekeyRecord.read(home) ? error : new Disturbed("the rekey was cancelled before it was verified");
    });
  finishRekey(home, verifying);
}
