import { existsSync } from "node:fs";
import { defined } from "../../core/defined";
import { UserError, wrongUsage } from "../../core/errors";
import { minuteOf } from "../../core/time";
import type { DeployContext } from "../../session/context";
import { requireOwnVault } from "../../session/external-vault";
import { requireVault } from "../../session/require-vault";
import { uninstallSchedule } from "../../session/schedule/schedule";
import { backupsThatNeed, newestGeneration } from "../../store/older-shares";
import type { BackupRecord } from "../../store/records/backup-record";
import { type RekeyRecord, rekeyRecord } from "../../store/records/rekey-record";
import { requireFinished } from "../../store/records/replacing-record";
import { sharesRecord } from "../../store/records/shares-record";
import type { AskForShares } from "../../vault/bootstrap";
import { VaultClient } from "../../vault/client";
import { armorMessage, type PgpKey } from "../../vault/shares/pgp-keys";
import {
  cancelRekey,
  NotActive,
  notPending,
  pendingRekey,
  type RekeyProps,
  rekeyTargetOf,
  verifyNewShares,
} from "../../vault/shares/rekey";
import { digestOf, finishRekey, resumeRekey } from "../../vault/shares/resume-rekey";
import { type KeyShares, readShares } from "../../vault/shares/shares-file";
import { undisturbed } from "../../vault/shares/undisturbed";
import { readSealStatus } from "../../vault/wait";
import { backUpFirst } from "./back-up-first";
import { dealOut, inNewFolder, type WrittenShare, writeForHolders } from "./export";
import { makeAndKeep, makeAndRecord, type Rekeying } from "./make-new";

export interface RekeyOptions {
  /** The number of new shares. @default the current number */
  readonly shares?: number;
  /** The number of shares that unseal. @default the current threshold */
  readonly threshold?: number;
  /**
   * The keys to which Vault encrypts the new shares, so that this host never has them in plain text. @default the shares are
   * kept on this host, or shown
   */
  readonly encrypted?: { readonly keys: readonly PgpKey[]; readonly folder: string };
  /** Shows the new shares on a terminal. @default they are kept on this host */
  readonly show?: (shares: readonly string[], threshold: number) => Promise<void>;
  readonly holders: readonly string[];
  /** Called with the encrypted shares as soon as they are written. */
  readonly onWritten: (written: readonly WrittenShare[]) => void;
  /** Asks people for the new shares. @default a later run asks */
  readonly askForNew?: AskForShares;
  /** Whether to only resume a waiting rekey, with new shares that are given. @default false */
  readonly onlyGoOn?: boolean;
  /** Whether to make a backup first. */
  readonly backUp: () => Promise<boolean>;
  /** Whether to continue, although these backups need the current shares. */
  readonly agree: (needing: readonly BackupRecord[]) => Promise<boolean>;
}

export interface RekeyResult {
  /** `waiting`: a later run needs enough of the new shares; the previous ones are active until then. */
  readonly result: "done" | "waiting" | "cancelled" | "not begun";
  /** The generation of the active shares. */
  readonly generation: number;
  readonly written: readonly WrittenShare[];
  /** The backups that only shares of an older generation open. */
  readonly needOlder: readonly BackupRecord[];
  /** A line in this user's crontab that unsealed Vault, which its owner must remove. */
  readonly cronLine?: string;
}

/**
 * Replaces the active shares with new ones. The previous shares stay active until Vault gets enough of the new ones, so it can
 * be interrupted at any point.
 * @throws UserError if the current shares are missing or wrong, or an unfinished restore, rebuild or upgrade keeps copies of shares
 */
export async function rekey(context: DeployContext, options: RekeyOptions): Promise<RekeyResult> {
  const { home } = context.deployment;
  const begun = rekeyRecord.read(home);
  const rekeying = await openForRekey(context);
  const left = rekeyRecord.read(home);
  if (left) return goOn(rekeying, left, options);
  if (!options.onlyGoOn) return begin(rekeying, options);
  // Opening Vault ends a rekey whose new shares are active.
  const ended = await endOf(context, begun);
  if (ended.result === "done") return ended;
  throw notPending(rekeying.vault);
}

/**
 * Cancels a rekey that waits for its new shares: the previous ones stay active. One that was interrupted after Vault had accepted
 * the new shares is done.
 */
export async function cancelWaitingRekey(context: DeployContext): Promise<RekeyResult> {
  const { home } = context.deployment;
  const begun = rekeyRecord.read(home);
  const { vault, target } = await openForRekey(context);
  await cancelRekey(vault, target);
  await resumeRekey(vault, home);
  const left = rekeyRecord.read(home);
  if (left) throw undecided(left);
  return endOf(context, begun);
}

/** How a rekey ended that an earlier run began. */
async function endOf(context: DeployContext, begun: RekeyRecord | undefined): Promise<RekeyResult> {
  const generation = generationOf(context);
  if (!begun || generation !== begun.generation)
    return { result: "cancelled", generation, written: [], needOlder: [] };
  return doneBy(context, begun);
}

/** The result of a finished rekey. Shares that people have now unseal nothing by a schedule of this host, so it is removed. */
async function doneBy(
  { deployment }: DeployContext,
  { generation, replaces, way }: RekeyRecord,
): Promise<RekeyResult> {
  const { instance, home } = deployment;
  const schedule = { command: "unseal", instance, home: home.root } as const;
  const cronLine = way === "kept" ? undefined : (await uninstallSchedule(schedule)).cronLine;
  const needOlder = backupsThatNeed(home, replaces);
  return { result: "done", generation, written: [], needOlder, ...defined({ cronLine }) };
}

async function openForRekey(context: DeployContext): Promise<Rekeying> {
  requireOwnVault(context.deployment, "To make new shares", "vault operator rekey\nas its owner.");
  const { place } = await requireVault(context);
  const vault = VaultClient.at(place);
  return { context, vault, target: rekeyTargetOf((await readSealStatus(vault)).type) };
}

async function begin(rekeying: Rekeying, options: RekeyOptions): Promise<RekeyResult> {
  const { context, vault, target } = rekeying;
  const { home } = context.deployment;
  // Bringing back the previous data would remove the new shares, which backups can need by then.
  requireFinished(home);
  const { t, n } = await readSealStatus(vault);
  const { shares = n, threshold = options.shares === undefined ? t : Math.min(t, options.shares) } = options;
  requireShape(shares, threshold);
  const here = readShares(home.shares);
  const before = generationOf(context);
  const dealt = options.encrypted && dealOut(shares, options.encrypted.keys);
  if (!here && !dealt && !options.show)
    throw wrongUsage({
      problem: "The shares of this instance are not on this host, so new ones are not stored on it.",
      expected: "a terminal that shows them, or --pgp-key FILE with --out DIR",
    });
  if (existsSync(home.nextShares))
    throw new UserError({
      problem: `${home.nextShares} holds shares of an unrecorded rekey, and shares are never overwritten.`,
      expected: "its record, rekey.json, or no such file",
      fix: "Copy that file to a safe place: it may hold the active shares. Remove it when openclaw-openrouter vault unseal succeeds after a restart with shares.json alone.",
    });
  await backUpFirst(context, options.backUp);
  const needOlder = backupsThatNeed(home, before);
  if (!(await options.agree(needOlder)))
    return { result: "not begun", generation: before, written: [], needOlder };
  const current = here ?? (await asked(context, t));
  const record: RekeyRecord = {
    // No number is given twice, also after the restore of an older backup: people and backups would mix the shares up.
    generation: newestGeneration(home, before) + 1,
    replaces: before,
    shares,
    threshold,
    since: new Date().toISOString(),
    way: dealt || options.show ? "distributed" : "kept",
    holders: dealt ? dealt.map(({ holder }) => holder) : [...options.holders],
    seen: { before: current.shares.map(digestOf), after: [] },
    verifying: false,
  };
  const props: RekeyProps = { shares, threshold, current, ...(dealt ? { pgpKeys: dealt } : {}) };
  if (record.way === "kept") {
    // Somebody can cancel it until the new shares are active: then it begins again.
    await undisturbed(vault, target, () => makeAndKeep(rekeying, record, props));
    return { result: "done", generation: record.generation, written: [], needOlder };
  }
  const make = async () => {
    const { made, known } = await makeAndRecord(rekeying, record, props);
    if (!dealt || !options.encrypted) return { made, known, written: [] };
    const armored = await Promise.all(made.map(armorMessage));
    return { made, known, written: writeForHolders(armored, dealt, options.encrypted.folder) };
  };
  const { made, known, written } = await (options.encrypted
    ? inNewFolder(options.encrypted.folder, make)
    : make());
  if (options.encrypted) options.onWritten(written);
  else await options.show?.(made, threshold);
  if (!options.askForNew) return { result: "waiting", generation: before, written, needOlder };
  return { ...(await takeBack(rekeying, known, options.askForNew)), written };
}

async function goOn(rekeying: Rekeying, record: RekeyRecord, options: RekeyOptions): Promise<RekeyResult> {
  const { context, vault, target } = rekeying;
  if ((await pendingRekey(vault, target))?.nonce === record.nonce) {
    if (!options.askForNew) throw waiting(record);
    return takeBack(rekeying, record, options.askForNew);
  }
  // It was interrupted in its last step, and Vault was restarted: only shares show which generation is active.
  const given = await (options.askForNew ?? context.askForShares)?.(record.threshold);
  await resumeRekey(vault, context.deployment.home, given);
  if (rekeyRecord.read(context.deployment.home)) throw undecided(record);
  return endOf(context, record);
}

/** Activates the new shares when people enter enough of them. */
async function takeBack(
  { context, vault, target }: Rekeying,
  record: RekeyRecord,
  askForNew: AskForShares,
): Promise<RekeyResult> {
  const { phase, deployment } = context;
  const { home } = deployment;
  const given = await askForNew(record.threshold);
  const verifying = {
    ...record,
    verifying: true,
    seen: { ...record.seen, after: given.shares.map(digestOf) },
  };
  rekeyRecord.write(home, verifying);
  await phase("Verification", () => verifyNewShares(vault, target, given)).catch((error) => {
    if (error instanceof NotActive) rekeyRecord.write(home, record);
    throw error;
  });
  finishRekey(home, verifying);
  return doneBy(context, record);
}

/** @throws UserError if nobody can be asked for the active shares */
async function asked({ askForShares, deployment }: DeployContext, threshold: number): Promise<KeyShares> {
  if (askForShares) return askForShares(threshold);
  throw wrongUsage({
    problem: "A rekey needs the active shares, and they are not on this host.",
    got: `no ${deployment.home.shares}`,
    fix: "Run this command on a terminal, which asks for them, or add --share-file FILE.",
  });
}

/** The generation of the active shares, as recorded on this host. */
function generationOf({ deployment: { home } }: DeployContext): number {
  return readShares(home.shares)?.generation ?? sharesRecord.read(home)?.generation ?? 1;
}

function requireShape(shares: number, threshold: number): void {
  if (threshold >= 1 && threshold <= shares && shares <= 255 && (shares === 1 || threshold > 1)) return;
  throw wrongUsage({
    problem: "Vault cannot make such shares.",
    got: `${shares} shares with a threshold of ${threshold}`,
    expected: "1 to 255 shares; a threshold of at most their number, and of at least 2 if there are several",
  });
}

function waiting({ generation, threshold, shares, holders, since }: RekeyRecord): UserError {
  return new UserError({
    problem: `A rekey waits since ${minuteOf(since)} for new shares; the previous ones are active.`,
    expected: `${threshold} of the ${shares} shares of generation ${generation}${holders.length > 0 ? `, from ${[...new Set(holders)].join(", ")}` : ""}`,
    fix: "openclaw-openrouter shares rekey --new-share-file FILE\nor, to keep the previous shares: openclaw-openrouter shares rekey --cancel",
  });
}

function undecided({ generation, replaces }: RekeyRecord): UserError {
  return new UserError({
    problem: `A rekey was interrupted in its last step: shares of generation ${replaces} or ${generation} are active.`,
    got: "no share that shows which",
    fix: "openclaw-openrouter shares rekey --new-share-file FILE\nwith the newest shares, or openclaw-openrouter vault unseal after the next restart.",
  });
}
