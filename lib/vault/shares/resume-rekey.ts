import { createHash } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";
import { keepForBackups } from "../../store/older-shares";
import { type RekeyRecord, rekeyRecord } from "../../store/rekey-record";
import { sharesRecord } from "../../store/shares-record";
import type { VaultClient } from "../client";
import { WrongShares } from "../identities/root";
import { readSealStatus } from "../wait";
import { proveShares } from "./prove-shares";
import { cancelRekey, pendingRekey, rekeyTargetOf } from "./rekey";
import { type KeyShares, readShares } from "./shares-file";

/**
 * Ends a rekey that was interrupted: either the new shares are active, or they are as if they had never been made. One that
 * waits for people to verify it goes on waiting. Nothing is removed before Vault accepted shares of one generation: anybody may
 * cancel, begin and disturb a rekey there, so that no refusal and no state of Vault's proves which one is active.
 * @param vault unsealed
 * @param given shares that a person gave in this run; Vault is asked whether they are active
 */
export async function resumeRekey(vault: VaultClient, home: HomePaths, given?: KeyShares): Promise<void> {
  const record = rekeyRecord.read(home);
  if (!record) return;
  const target = rekeyTargetOf((await readSealStatus(vault)).type);
  const pending = await pendingRekey(vault, target);
  if (pending && pending.nonce === record.nonce && record.way === "distributed") return;
  if (pending) await cancelRekey(vault, target);
  // Never given to Vault to be verified, and no share of it lies here: there is nothing to prove.
  if (!record.verifying && !existsSync(home.nextShares)) return rekeyRecord.remove(home);
  const accepted = await acceptedGeneration(vault, home, record, given);
  if (accepted === "after") finishRekey(home, record);
  else if (accepted === "before") undoRekey(home);
}

/** The generation of which Vault accepted shares just now. Undefined where it did of none: then both stay. */
async function acceptedGeneration(
  vault: VaultClient,
  home: HomePaths,
  record: RekeyRecord,
  given: KeyShares | undefined,
): Promise<"before" | "after" | undefined> {
  const tried = [
    { generation: generationOf(record, given), shares: given },
    { generation: "after", shares: readShares(home.nextShares) },
    { generation: "before", shares: readShares(home.shares) },
  ] as const;
  for (const { generation, shares } of tried) {
    if (generation && shares && (await areAccepted(vault, home, shares))) return generation;
  }
  return undefined;
}

/** Of which generation shares are that people gave, where some of them were seen before. */
function generationOf({ seen }: RekeyRecord, given: KeyShares | undefined): "before" | "after" | undefined {
  const digests = given?.shares.map(digestOf) ?? [];
  return (["before", "after"] as const).find((each) => digests.some((digest) => seen[each].includes(digest)));
}

async function areAccepted(vault: VaultClient, home: HomePaths, shares: KeyShares): Promise<boolean> {
  try {
    await proveShares(vault, home, shares);
    return true;
  } catch (error) {
    if (error instanceof WrongShares) return false;
    throw error;
  }
}

/** The previous shares stay active. Only once Vault accepted them. */
export function undoRekey(home: HomePaths): void {
  remove(home.nextShares);
  rekeyRecord.remove(home);
}

/**
 * The new ones are active: the previous ones stay for backups, where there are any that need them. Only once Vault accepted the
 * new ones.
 */
export function finishRekey(home: HomePaths, record: RekeyRecord): void {
  const before = readShares(home.shares);
  if (before && before.generation < record.generation) keepForBackups(home, before);
  if (record.way === "kept") {
    if (existsSync(home.nextShares)) {
      renameSync(home.nextShares, home.shares);
      syncFolder(dirname(home.shares));
    }
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
    remove(home.shares);
  }
  rekeyRecord.remove(home);
}

/** By it a share is known again, and not found: it has 32 bytes of chance. */
export function digestOf(share: string): string {
  const bytes = Buffer.from(share, /^[0-9a-f]+$/.test(share) ? "hex" : "base64");
  return createHash("sha256").update(bytes).digest("hex");
}

function remove(path: string): void {
  if (!existsSync(path)) return;
  rmSync(path);
  syncFolder(dirname(path));
}
