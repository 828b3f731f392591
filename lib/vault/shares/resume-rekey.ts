import { existsSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { ifError } from "../../core/errors";
import { removeFile, syncFolder } from "../../core/files/files";
import { sha256 } from "../../core/fingerprint";
import type { HomePaths } from "../../model/home-paths";
import { keepForBackups } from "../../store/older-shares";
import { type RekeyRecord, rekeyRecord } from "../../store/records/rekey-record";
import { rememberShares, sharesFingerprints } from "../../store/records/shares-fingerprints";
import { sharesRecord } from "../../store/records/shares-record";
import type { VaultClient } from "../client";
import { WrongShares } from "../identities/root";
import { readSealStatus } from "../wait";
import { proveShares } from "./prove-shares";
import { cancelRekey, pendingRekey, rekeyTargetOf } from "./rekey";
import { type KeyShares, readShares } from "./shares-file";

/**
 * Finishes or undoes an interrupted rekey. A rekey that waits for people to verify it keeps waiting. Nothing is removed before
 * Vault accepts shares of one generation: anybody can cancel, start and disturb a rekey, so neither a refusal nor Vault's state
 * proves which generation is active.
 * @param vault a client of an unsealed Vault
 * @param given shares that a person gave in this run; Vault shows whether they are active
 */
export async function resumeRekey(vault: VaultClient, home: HomePaths, given?: KeyShares): Promise<void> {
  const record = rekeyRecord.read(home);
  if (!record) return;
  const target = rekeyTargetOf((await readSealStatus(vault)).type);
  const pending = await pendingRekey(vault, target);
  if (pending && pending.nonce === record.nonce && record.way === "distributed") return;
  if (pending) await cancelRekey(vault, target);
  // The verification never began, and no new share is stored here: there is nothing to prove.
  if (!record.verifying && !existsSync(home.nextShares)) return rekeyRecord.remove(home);
  const accepted = await acceptedGeneration(vault, home, record, given);
  if (accepted === "after") finishRekey(home, record);
  else if (accepted === "before") undoRekey(home);
}

/** The generation whose shares Vault accepts now. Undefined if it accepts none: then both are kept. */
async function acceptedGeneration(
  vault: VaultClient,
  home: HomePaths,
  record: RekeyRecord,
  given: KeyShares | undefined,
): Promise<"before" | "after" | undefined> {
  const here = readShares(home.shares);
  // A run that was killed after it moved the new shares there left its other steps undone.
  const isMoved = here !== undefined && here.generation >= record.generation;
  const tried = [
    { generation: generationOf(record, given), shares: given },
    { generation: "after", shares: readShares(home.nextShares) },
    { generation: isMoved ? "after" : "before", shares: here },
  ] as const;
  for (const { generation, shares } of tried) {
    if (generation && shares && (await areAccepted(vault, home, shares))) return generation;
  }
  return undefined;
}

/** The generation of shares that people gave, if the record has some of them. */
function generationOf({ seen }: RekeyRecord, given: KeyShares | undefined): "before" | "after" | undefined {
  const digests = given?.shares.map(digestOf) ?? [];
  return (["before", "after"] as const).find((each) => digests.some((digest) => seen[each].includes(digest)));
}

function areAccepted(vault: VaultClient, home: HomePaths, shares: KeyShares): Promise<boolean> {
  return proveShares(vault, home, shares).then(
    () => true,
    ifError(WrongShares, () => false),
  );
}

/** Undoes the rekey: the previous shares stay active. Call it only once Vault has accepted them. */
export function undoRekey(home: HomePaths): void {
  removeFile(home.nextShares);
  rekeyRecord.remove(home);
}

/**
 * Finishes the rekey: the new shares are active, and the previous ones are kept if a backup needs them. Call it only once Vault
 * has accepted the new ones.
 */
export function finishRekey(home: HomePaths, record: RekeyRecord): void {
  const before = readShares(home.shares);
  if (before && before.generation < record.generation) keepForBackups(home, before);
  if (record.way === "kept") {
    if (existsSync(home.nextShares)) {
      renameSync(home.nextShares, home.shares);
      syncFolder(dirname(home.shares));
    }
    const now = readShares(home.shares);
    if (now) rememberShares(home, now);
  } else {
    sharesRecord.write(home, {
      generation: record.generation,
      shares: record.shares,
      threshold: record.threshold,
      created: record.since,
      holders: record.holders,
      exported: record.since,
      movedOff: new Date().toISOString(),
    });
    removeFile(home.shares);
    sharesFingerprints.remove(home);
  }
  rekeyRecord.remove(home);
}

/** The digest that identifies a share without revealing it: a share has 32 random bytes. */
export function digestOf(share: string): string {
  return sha256(Buffer.from(share, /^[0-9a-f]+$/.test(share) ? "hex" : "base64"));
}
