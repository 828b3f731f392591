import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../../core/files/files";
import type { DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { uninstallSchedule } from "../../session/schedule/schedule";
import type { BackupRecord } from "../../store/backup-record";
import { backupsThatNeed, dropUnneeded, type OlderShares } from "../../store/older-shares";
import { type SharesRecord, sharesRecord } from "../../store/shares-record";
import type { AskForShares } from "../../vault/bootstrap";
import { VaultClient } from "../../vault/client";
import { proveShares } from "../../vault/shares/prove-shares";
import { backUpFirst } from "./back-up-first";
import { sharesToExport } from "./export";

export interface ForgetOptions {
  /** Has people give back the shares that they hold. */
  readonly askHolders: AskForShares;
  /** Who they are; @default as they were named when the shares were exported */
  readonly holders: readonly string[];
  /** Whether a fresh backup is made first. */
  readonly backUp: () => Promise<boolean>;
  /** Whether to go on, once the shares were proven: what they open is told. */
  readonly agree: (needing: readonly BackupRecord[]) => Promise<boolean>;
}

export interface Forgotten {
  readonly record: SharesRecord;
  /** Older generations that stay on this host, since backups need them. */
  readonly older: readonly OlderShares[];
  /** Whether the host unsealed Vault by itself, which it cannot do any more. */
  readonly unscheduled: boolean;
}

/**
 * Removes the shares from this host, once the people who have them gave enough of them back and Vault took those.
 * @returns undefined where nobody agreed
 * @throws UserError where what was given back does not open this Vault: then all stays unchanged
 */
export async function forgetShares(
  context: DeployContext,
  options: ForgetOptions,
): Promise<Forgotten | undefined> {
  const { deployment, phase } = context;
  const { home } = deployment;
  const shares = sharesToExport(deployment);
  const { place } = await requireVault(context);
  const given = await options.askHolders(shares.threshold);
  await phase(
    "Proof",
    () => proveShares(VaultClient.at(place), home, given),
    () => `${shares.threshold} of the ${shares.shares.length} shares are held, and open this Vault`,
  );
  await backUpFirst(context, options.backUp);
  if (!(await options.agree(backupsThatNeed(home, shares.generation)))) return undefined;
  return phase("Shares", async () => {
    const before = sharesRecord.read(home);
    const known = before?.generation === shares.generation ? before : undefined;
    const record: SharesRecord = {
      generation: shares.generation,
      shares: shares.shares.length,
      threshold: shares.threshold,
      created: shares.created,
      holders: options.holders.length > 0 ? [...options.holders] : (known?.holders ?? []),
      ...(known?.exported ? { exported: known.exported } : {}),
      movedOff: new Date().toISOString(),
    };
    // The record first: interrupted in between, the shares lie here and count as such.
    sharesRecord.write(home, record);
    rmSync(home.shares);
    syncFolder(dirname(home.shares));
    const { instance } = deployment;
    const { found: unscheduled } = await uninstallSchedule({ command: "unseal", instance, home: home.root });
    return { record, older: dropUnneeded(home), unscheduled };
  });
}
