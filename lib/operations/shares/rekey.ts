import { existsSync } from "node:fs";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import type { DeployContext } from "../../session/context";
import { requireOwnVault } from "../../session/external-vault";
import { requireVault } from "../../session/require-vault";
import { uninstallSchedule } from "../../session/schedule/schedule";
import type { BackupRecord } from "../../store/backup-record";
import { backupsThatNeed } from "../../store/older-shares";
import { type RekeyRecord, rekeyRecord } from "../../store/rekey-record";
import { sharesRecord } from "../../store/shares-record";
import type { AskForShares } from "../../vault/bootstrap";
import { VaultClient } from "../../vault/client";
import type { PgpKey } from "../../vault/shares/pgp-keys";
import {
  cancelRekey,
  NotActive,
  notPending,
  pendingRekey,
  type RekeyProps,
  type RekeyTarget,
  rekeyTargetOf,
  verifyNewShares,
} from "../../vault/shares/rekey";
import { digestOf, finishRekey, resumeRekey } from "../../vault/shares/resume-rekey";
import { type KeyShares, readShares } from "../../vault/shares/shares-file";
import { undisturbed } from "../../vault/shares/undisturbed";
import { readSealStatus } from "../../vault/wait";
import { backUpFirst } from "./back-up-first";
import { dealOut, makeFolder, type WrittenShare, writeForHolders } from "./export";
import { makeAndKeep, makeAndRecord } from "./make-new";

export interface RekeyOptions {
  /** @default as many as there are */
  readonly shares?: number;
  /** How many of them unseal. @default as many as now */
  readonly threshold?: number;
  /** Vault encrypts each new share to one of these: none is ever seen on this host. @default they are kept here, or shown */
  readonly encrypted?: { readonly keys: readonly PgpKey[]; readonly folder: string };
  /** Shows the new shares on a terminal. @default they are kept on this host */
  readonly show?: (shares: readonly string[], threshold: number) => Promise<void>;
  readonly holders: readonly string[];
  /** Told of the encrypted shares as soon as they are written. */
  readonly onWritten: (written: readonly WrittenShare[]) => void;
  /** Has people give back new shares, once they have them. @default a later run does */
  readonly askForNew?: AskForShares;
  /** Whether only one that waits is gone on with, since new shares are at hand. @default false */
  readonly onlyGoOn?: boolean;
  /** Whether a fresh backup is made first. */
  readonly backUp: () => Promise<boolean>;
  /** Whether to go on, where the shares of now open these backups. */
  readonly agree: (needing: readonly BackupRecord[]) => Promise<boolean>;
}

export interface RekeyResult {
  /** `waiting`: for enough of the new shares, which a later run takes; the previous ones are active until then. */
  readonly result: "done" | "waiting" | "cancelled" | "not begun";
  /** Of the shares that are active now. */
  readonly generation: number;
  readonly written: readonly WrittenShare[];
  /** Backups that only shares of an older generation open. */
  readonly needOlder: readonly BackupRecord[];
}

/**
 * Makes new shares instead of the active ones. Until enough of the new ones were given back to Vault the previous ones are
 * active, so that it may be interrupted anywhere.
 * @throws UserError where the shares of now are not given, or are others
 */
export async function rekey(context: DeployContext, options: RekeyOptions): Promise<RekeyResult> {
  const { vault, target } = await openForRekey(context);
  const { home } = context.deployment;
  const left = rekeyRecord.read(home);
  if (left) return goOn(context, vault, target, left, options);
  if (options.onlyGoOn) throw notPending(vault);
  return begin(context, vault, target, options);
}

/** Ends a rekey that waits for its new shares: the previous ones stay active. */
export async function cancelWaitingRekey(context: DeployContext): Promise<RekeyResult> {
  const { vault, target } = await openForRekey(context);
  const { home } = context.deployment;
  await cancelRekey(vault, target);
  await resumeRekey(vault, home);
  const left = rekeyRecord.read(home);
  if (left) throw undecided(left);
  return { result: "cancelled", generation: generationOf(context), written: [], needOlder: [] };
}

async function openForRekey(context: DeployContext): Promise<{ vault: VaultClient; target: RekeyTarget }> {
  requireOwnVault(context.deployment, "To make new shares", "vault operator rekey\nas its owner");
  const { place } = await requireVault(context);
  const vault = VaultClient.at(place);
  return { vault, target: rekeyTargetOf((await readSealStatus(vault)).type) };
}

async function begin(
  context: DeployContext,
  vault: VaultClient,
  target: RekeyTarget,
  options: RekeyOptions,
): Promise<RekeyResult> {
  const { home } = context.deployment;
  const { t, n } = await readSealStatus(vault);
  const { shares = n, threshold = options.shares === undefined ? t : Math.min(t, options.shares) } = options;
  requireShape(shares, threshold);
  const here = readShares(home.shares);
  const before = generationOf(context);
  const dealt = options.encrypted && dealOut(shares, options.encrypted.keys);
  if (!here && !dealt && !options.show) throw nobodyToGiveThemTo();
  if (existsSync(home.nextShares)) throw unrecorded(home.nextShares);
  await backUpFirst(context, options.backUp);
  const needOlder = backupsThatNeed(home, before);
  if (!(await options.agree(needOlder)))
    return { result: "not begun", generation: before, written: [], needOlder };
  const current = here ?? (await asked(context, t));
  if (options.encrypted) makeFolder(options.encrypted.folder);

  const record: RekeyRecord = {
    generation: before + 1,
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
    // Somebody may cancel it until the new shares are active: then it begins again.
    await undisturbed(vault, target, () => makeAndKeep(context, vault, target, record, props));
    return { result: "done", generation: record.generation, written: [], needOlder };
  }
  const { made, known } = await makeAndRecord(context, vault, target, record, props);
  let written: readonly WrittenShare[] = [];
  if (dealt && options.encrypted) {
    const { armorMessage } = await import("../../vault/shares/pgp-keys");
    written = writeForHolders(await Promise.all(made.map(armorMessage)), dealt, options.encrypted.folder);
    options.onWritten(written);
  } else await options.show?.(made, threshold);
  if (!options.askForNew) return { result: "waiting", generation: before, written, needOlder };
  return { ...(await takeBack(context, vault, target, known, options.askForNew)), written };
}

async function goOn(
  context: DeployContext,
  vault: VaultClient,
  target: RekeyTarget,
  record: RekeyRecord,
  options: RekeyOptions,
): Promise<RekeyResult> {
  if ((await pendingRekey(vault, target))?.nonce === record.nonce) {
    if (!options.askForNew) throw waiting(record);
    return takeBack(context, vault, target, record, options.askForNew);
  }
  // Interrupted in its last step, and Vault was restarted since: only shares can tell which generation is active.
  const given = await (options.askForNew ?? context.askForShares)?.(record.threshold);
  await resumeRekey(vault, context.deployment.home, given);
  if (rekeyRecord.read(context.deployment.home)) throw undecided(record);
  const generation = generationOf(context);
  return {
    result: generation === record.generation ? "done" : "cancelled",
    generation,
    written: [],
    needOlder: backupsThatNeed(context.deployment.home, generation - 1),
  };
}

/** Enough of the new shares, as people have them now, put them into force. */
async function takeBack(
  { phase, deployment: { instance, home } }: DeployContext,
  vault: VaultClient,
  target: RekeyTarget,
  record: RekeyRecord,
  askForNew: AskForShares,
): Promise<RekeyResult> {
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
  await uninstallSchedule({ command: "unseal", instance, home: home.root });
  const needOlder = backupsThatNeed(home, record.generation - 1);
  return { result: "done", generation: record.generation, written: [], needOlder };
}

/** @throws UserError where nobody can be asked for the active shares */
async function asked({ askForShares, deployment }: DeployContext, threshold: number): Promise<KeyShares> {
  if (askForShares) return askForShares(threshold);
  throw new UserError({
    problem: "New shares are made by the active ones, and they are not on this host.",
    got: `no ${deployment.home.shares}`,
    fix: "Run this command on a terminal, which asks for them, or add --share-file FILE.",
    exitCode: ExitCode.WrongUsage,
  });
}

/** Of the active shares, as far as is known here. */
function generationOf({ deployment: { home } }: DeployContext): number {
  return readShares(home.shares)?.generation ?? sharesRecord.read(home)?.generation ?? 1;
}

function requireShape(shares: number, threshold: number): void {
  if (threshold >= 1 && threshold <= shares && shares <= 255 && (shares === 1 || threshold > 1)) return;
  throw new UserError({
    problem: "Vault cannot make such shares.",
    got: `${shares} shares, ${threshold} of which unseal`,
    expected: "1 to 255 shares; not more of them to unseal than there are, and at least 2 of several",
    exitCode: ExitCode.WrongUsage,
  });
}

function nobodyToGiveThemTo(): UserError {
  return new UserError({
    problem: "The shares of this instance are off the host, and new ones are not put back on it.",
    expected: "a terminal to show them on, or --pgp-key FILE with --out DIR",
    exitCode: ExitCode.WrongUsage,
  });
}

function waiting({ generation, threshold, shares, holders, since }: RekeyRecord): UserError {
  return new UserError({
    problem: `A rekey waits since ${since.slice(0, 16)}Z for new shares; the previous ones are active.`,
    expected: `${threshold} of the ${shares} shares of generation ${generation}${holders.length > 0 ? `, from ${[...new Set(holders)].join(", ")}` : ""}`,
    fix: "openclaw-openrouter shares rekey --new-share-file FILE\nor, to leave all as it was: openclaw-openrouter shares rekey --cancel",
  });
}

function unrecorded(path: string): UserError {
  return new UserError({
    problem: `${path} holds shares of a rekey of which there is no record, and shares are never overwritten.`,
    expected: "either its record, rekey.json, or no such file",
    fix: "Keep a copy of that file where it is safe: it may hold the active shares. Once openclaw-openrouter vault unseal passed after a restart with shares.json alone, remove it.",
  });
}

function undecided({ generation }: RekeyRecord): UserError {
  return new UserError({
    problem: `A rekey was interrupted in its last step: shares of generation ${generation - 1} or ${generation} are active.`,
    got: "no share by which that is told",
    fix: "openclaw-openrouter shares rekey --new-share-file FILE\nwith the new shares that were given last, or openclaw-openrouter vault unseal after the next restart.",
  });
}
