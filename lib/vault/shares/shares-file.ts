import { existsSync, rmSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../../core/errors";
import { parseJson, readJsonIfThere, writeJson, writePrivateFile } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "../../store/records/record";

const sharesFile = z.object({
  /** Unseal key shares, base64. */
  shares: z.array(z.string().min(1)).min(1),
  threshold: z.int().min(1),
  /** The generation, raised by each rekey. */
  generation: z.int().min(1),
  created: z.iso.datetime(),
  /** Set only until bootstrap revokes the root token and removes it from the file. */
  rootToken: z.string().optional(),
});
export type Shares = z.output<typeof sharesFile>;

/** Shares that unseal a Vault, from any source. */
export type KeyShares = Pick<Shares, "shares" | "threshold">;

export function readShares(path: string): Shares | undefined {
  return readJsonIfThere(path, sharesFile);
}

/** The same from a text, such as a backup's. @throws UserError if it does not match the schema */
export function parseShares(text: string, source: string): Shares {
  return parseJson(text, sharesFile, source);
}

/** The shares on this host, the active ones first. During a rekey there may be two generations. */
export function sharesOnHost(home: HomePaths): Shares[] {
  return [home.shares, home.nextShares].flatMap((path) => readShares(path) ?? []);
}

/**
 * Stores the shares of a new Vault. Vault returns them only once, so existing shares are never overwritten.
 * @throws UserError if the file exists
 */
export function storeShares(path: string, shares: Shares): void {
  if (existsSync(path)) {
    throw new UserError({
      problem: `${path} holds shares already, and shares are never overwritten.`,
      fix: "Move that file to a safe place, then run this again.",
    });
  }
  writeJson(path, shares);
}

/** An upper limit for a file of 255 shares and a root token, in bytes. */
const roomForShares = 64 * 1024;

/**
 * Verifies that shares can be stored before Vault makes them, since it returns them only once.
 * @throws UserError if the disk is full or the folder cannot be written to
 */
export function proveRoomForShares(path: string): void {
  const probe = `${path}.probe`;
  try {
    writePrivateFile(probe, "0".repeat(roomForShares));
  } finally {
    rmSync(probe, { force: true });
  }
}

const rootTokenFile = z.object({
  /** Missing while it is being made: Vault's answer may be lost although the token is active. */
  rootToken: z.string().min(1).exactOptional(),
});
const rootTokenRecord = defineRecord("rootToken", rootTokenFile);

/**
 * Records that a root token is about to be made from shares.
 * @returns a function that undoes this if no token was made, and restores the record of an earlier one
 */
export function announceRootToken(home: HomePaths): () => void {
  const before = rootTokenRecord.read(home);
  rootTokenRecord.write(home, {});
  return () => (before ? rootTokenRecord.write(home, before) : rootTokenRecord.remove(home));
}

/** Records a root token that was made from shares until it is revoked. */
export function rememberRootToken(home: HomePaths, rootToken: string): void {
  rootTokenRecord.write(home, { rootToken });
}

/** The recorded root token that is not revoked yet: from Vault's initialization, or made from shares. */
export function rememberedRootToken(home: HomePaths): string | undefined {
  return readShares(home.shares)?.rootToken ?? rootTokenRecord.read(home)?.rootToken;
}

/** Whether a run was interrupted while it made a root token: an unknown root token may be active. */
export function isRootTokenInDoubt(home: HomePaths): boolean {
  const record = rootTokenRecord.read(home);
  return record !== undefined && record.rootToken === undefined;
}

/** Removes the root token from its file once it is revoked. */
export function forgetRootToken(home: HomePaths): void {
  const shares = readShares(home.shares);
  if (shares?.rootToken) {
    const { rootToken: _, ...rest } = shares;
    writeJson(home.shares, rest);
  }
  rootTokenRecord.remove(home);
}

const pendingFile = z.object({
  /** The volume that is being initialized. */
  volume: z.string(),
  volumeCreated: z.string(),
  since: z.iso.datetime(),
});
/** The record of a Vault that is being initialized, until its shares are stored. */
export const initPendingRecord = defineRecord("initPending", pendingFile);
