import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../../core/files/files";
import type { DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { uninstallSchedule } from "../../session/schedule/schedule";
import { backupsThatNeed, dropUnneeded } from "../../store/older-shares";
import type { BackupRecord } from "../../store/records/backup-record";
import { requireFinished } from "../../store/records/replacing-record";
import { sharesFingerprints } from "../../store/records/shares-fingerprints";
import { sharesRecord } from "../../store/records/shares-record";
import type { AskForShares } from "../../vault/bootstrap";
import { VaultClient } from "../../vault/client";
import { proveShares } from "../../vault/shares/prove-shares";
import { forgetHomeFiles } from "../restore/kept-files";
import { backUpFirst } from "./back-up-first";
import { sharesRecordOf, sharesToExport } from "./export";

interface ForgetOptions {
  /** Asks people for the shares that they hold. */
  readonly askHolders: AskForShares;
  /** The holders' names. @default the names given at the export */
  readonly holders: readonly string[];
  /** Whether to make a backup first. */
  readonly backUp: () => Promise<boolean>;
  /** Whether to continue when the shares are proven; gets the backups that need them. */
  readonly agree: (needing: readonly BackupRecord[]) => Promise<boolean>;
}

/**
 * Removes the shares from this host when their holders have entered enough of them, and Vault has accepted these.
 * @returns undefined if the person does not agree
 * @throws UserError if the entered shares do not open this Vault, or an unfinished restore, rebuild or upgrade keeps copies of
 * shares: then nothing changes
 */
export async function forgetShares(context: DeployContext, options: ForgetOptions) {
  const { deployment, phase } = context;
  const { home } = deployment;
  const shares = sharesToExport(deployment);
  requireFinished(home);
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
    const movedOff = new Date().toISOString();
    const record = { ...sharesRecordOf(home, shares, options.holders), movedOff };
    // The record first: after an interruption, the shares are still on the host and count as such.
    sharesRecord.write(home, record);
    rmSync(home.shares);
    // A run that was killed at its end can have left copies.
    forgetHomeFiles(home);
    sharesFingerprints.remove(home);
    syncFolder(dirname(home.shares));
    const { instance } = deployment;
    // It would fail after each restart.
    const unscheduled = await uninstallSchedule({ command: "unseal", instance, home: home.root });
    // Older generations stay on this host if backups need them.
    return { record, older: dropUnneeded(home), unscheduled };
  });
}
