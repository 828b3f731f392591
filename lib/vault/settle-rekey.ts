import { createHash } from "node:crypto";
import { existsSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "../instance/files";
import { keepForBackups } from "../instance/older-shares";
import { type RekeyRecord, readRekey, removeRekey } from "../instance/rekey-record";
import { writeSharesRecord } from "../instance/shares-record";
import type { HomePaths } from "../model/home-paths";
import type { VaultClient } from "./client";
import { proveShares } from "./prove-shares";
import { cancelRekey, pendingRekey, rekeyTargetOf } from "./rekey";
import { WrongShares } from "./root";
import { type KeyShares, readShares } from "./shares-file";
import { readSealStatus } from "./wait";

/**
 * Ends a rekey that was cut off: either the new shares are in force, or they are as if they had never been made. One that waits
 * for people to verify it goes on waiting.
 * @param vault unsealed
 * @param given shares that just opened it, or made a root token; they tell which generation is in force
 */
export async function settleRekey(vault: VaultClient, home: HomePaths, given?: KeyShares): Promise<void> {
  const record = readRekey(home);
  if (!record) return;
  const target = rekeyTargetOf((await readSealStatus(vault)).type);
  const isPending = (await pendingRekey(vault, target)) !== undefined;
  if (isPending && record.way === "handed out") return;
  if (isPending || !record.verifying) {
    await cancelRekey(vault, target);
    undoRekey(home);
    return;
  }
  const inForce = await generationInForce(vault, home, record, given);
  if (inForce === "after") finishRekey(home, record);
  else if (inForce === "before") undoRekey(home);
}

/** Undefined where nobody can tell: then both stay, until shares are given. */
async function generationInForce(
  vault: VaultClient,
  home: HomePaths,
  record: RekeyRecord,
  given: KeyShares | undefined,
): Promise<"before" | "after" | undefined> {
  for (const generation of ["before", "after"] as const) {
    if (given?.shares.some((share) => record.seen[generation].includes(digestOf(share)))) return generation;
  }
  const [before, after] = [readShares(home.shares), readShares(home.nextShares)];
  if (after) return (await areInForce(vault, home, after)) ? "after" : "before";
  if (before) return (await areInForce(vault, home, before)) ? "before" : "after";
  return undefined;
}

async function areInForce(vault: VaultClient, home: HomePaths, shares: KeyShares): Promise<boolean> {
  try {
    await proveShares(vault, home, shares);
    return true;
  } catch (error) {
    if (error instanceof WrongShares) return false;
    throw error;
  }
}

/** The shares of before stay in force. */
export function undoRekey(home: HomePaths): void {
  remove(home.nextShares);
  removeRekey(home);
}

/** The new ones are in force: those of before stay for backups, where there are any that need them. */
export function finishRekey(home: HomePaths, record: RekeyRecord): void {
  const before = readShares(home.shares);
  if (before && before.generation < record.generation) keepForBackups(home, before);
  if (record.way === "kept") {
    if (existsSync(home.nextShares)) {
      renameSync(home.nextShares, home.shares);
      syncFolder(dirname(home.shares));
    }
  } else {
    writeSharesRecord(home, {
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
  removeRekey(home);
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
