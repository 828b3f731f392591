import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { UserError } from "../../core/errors";
import { parseJson, readJsonIfThere, syncFolder, writeJson, writePrivateFile } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

const sharesFile = z.object({
  /** Unseal key shares, base64. */
  shares: z.array(z.string().min(1)).min(1),
  threshold: z.int().min(1),
  /** Counts up with each rekey. */
  generation: z.int().min(1),
  created: z.iso.datetime(),
  /** Only between init and the end of bootstrap: the root token is revoked then, and leaves the file. */
  rootToken: z.string().optional(),
});
export type Shares = z.output<typeof sharesFile>;

/** Shares that open a Vault, from wherever they come. */
export type KeyShares = Pick<Shares, "shares" | "threshold">;

export function readShares(path: string): Shares | undefined {
  return readJsonIfThere(path, sharesFile);
}

/** The same from a text, such as one that a backup carries. @throws UserError where it is of another shape */
export function parseShares(text: string, source: string): Shares {
  return parseJson(text, sharesFile, source);
}

/** The shares on this host, the active ones first. While they are re-created there may be two generations of them. */
export function sharesOnHost(home: HomePaths): Shares[] {
  return [home.shares, home.nextShares].flatMap((path) => readShares(path) ?? []);
}

/**
 * Stores the shares of a new Vault. They come once only, so nothing may stand in their place.
 * @throws UserError where shares lie there already
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

/** More than a file of 255 shares and a root token takes, in bytes. */
const roomForShares = 64 * 1024;

/**
 * Proves that shares can be stored, before they are made: they come once only.
 * @throws UserError where the disk is full or the folder cannot be written to
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
  /** Missing while it is being made: Vault's answer may be lost, and the token alive all the same. */
  rootToken: z.string().min(1).exactOptional(),
});

/**
 * Notes that a root token is being made of shares, before it is.
 * @returns takes that back where none came to be: what was noted of an earlier one stands again
 */
export function announceRootToken(home: HomePaths): () => void {
  const before = readJsonIfThere(home.rootToken, rootTokenFile);
  writeJson(home.rootToken, {});
  return () => (before ? writeJson(home.rootToken, before) : remove(home.rootToken));
}

/** Keeps a root token that was made of shares until it is revoked. */
export function rememberRootToken(home: HomePaths, rootToken: string): void {
  writeJson(home.rootToken, { rootToken });
}

/** A root token that was not revoked yet, as far as is known: of Vault's initialisation, or made of shares. */
export function rememberedRootToken(home: HomePaths): string | undefined {
  return readShares(home.shares)?.rootToken ?? readJsonIfThere(home.rootToken, rootTokenFile)?.rootToken;
}

/** Whether a run was interrupted while it made a root token, which may live although nobody knows it. */
export function isRootTokenInDoubt(home: HomePaths): boolean {
  const file = readJsonIfThere(home.rootToken, rootTokenFile);
  return file !== undefined && file.rootToken === undefined;
}

/** Takes the root token out of its file, once it was revoked. */
export function forgetRootToken(home: HomePaths): void {
  const shares = readShares(home.shares);
  if (shares?.rootToken) {
    const { rootToken: _, ...rest } = shares;
    writeJson(home.shares, rest);
  }
  remove(home.rootToken);
}

const pendingFile = z.object({
  /** The volume that is being initialised. */
  volume: z.string(),
  volumeCreated: z.string(),
  since: z.iso.datetime(),
});
export type InitPending = z.output<typeof pendingFile>;

export function readInitPending(path: string): InitPending | undefined {
  return readJsonIfThere(path, pendingFile);
}

export function writeInitPending(path: string, pending: InitPending): void {
  writeJson(path, pending);
}

export function removeInitPending(path: string): void {
  remove(path);
}

function remove(path: string): void {
  if (!existsSync(path)) return;
  rmSync(path);
  syncFolder(dirname(path));
}
