import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { notWritten, writePrivateFile } from "../../core/files/files";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { requireOwnVault } from "../../session/external-vault";
import { type SharesRecord, sharesRecord } from "../../store/shares-record";
import type { PgpKey } from "../../vault/shares/pgp-keys";
import { readShares, type Shares } from "../../vault/shares/shares-file";

/** A share that was written for somebody. */
export interface WrittenShare {
  readonly share: number;
  readonly holder: string;
  /** Of the key that it is encrypted to. */
  readonly fingerprint: string;
  readonly file: string;
}

/**
 * The shares that lie in the instance directory, to be distributed.
 * @throws UserError where they are not there
 */
export function sharesToExport(deployment: Deployment): Shares {
  requireOwnVault(deployment, "To export shares", "Its owner has them.");
  const shares = readShares(deployment.home.shares);
  if (shares) return shares;
  throw new UserError({
    problem: "The shares are not on this host, so they cannot be exported.",
    got: `no ${deployment.home.shares}`,
    fix: "openclaw-openrouter shares rekey\nmakes new ones, where those that people have are given.",
  });
}

/**
 * Writes each share, encrypted to one of the keys, into a file to be carried away. With fewer keys than shares they are dealt
 * out in turn.
 * @throws UserError where the folder is there already, or a key comes too often
 */
export async function writeEncrypted(
  shares: readonly string[],
  keys: readonly PgpKey[],
  folder: string,
): Promise<WrittenShare[]> {
  const dealt = dealOut(shares.length, keys);
  makeFolder(folder);
  const encrypted = await Promise.all(dealt.map((key, index) => key.encrypt(`${shares[index]}\n`)));
  return writeForHolders(encrypted, dealt, folder);
}

/**
 * @param texts a share each, encrypted for the holder at the same place in `dealt`
 * @param folder an empty one
 */
export function writeForHolders(
  texts: readonly string[],
  dealt: readonly PgpKey[],
  folder: string,
): WrittenShare[] {
  return texts.map((text, index) => {
    const { holder, fingerprint } = dealt[index]!;
    const file = join(resolve(folder), `share-${index + 1}-of-${texts.length}.${fingerprint.slice(-16)}.asc`);
    writePrivateFile(file, text);
    return { share: index + 1, holder, fingerprint, file };
  });
}

/** Whom each share is for. @throws UserError where there are more keys than shares, or one comes twice */
export function dealOut(shares: number, keys: readonly PgpKey[]): PgpKey[] {
  const different = new Set(keys.map(({ fingerprint }) => fingerprint)).size;
  if (keys.length === 0 || keys.length > shares || different < keys.length) {
    throw new UserError({
      problem: `There are ${shares} shares to be encrypted, each to one of the given keys.`,
      got: different < keys.length ? "the same key twice" : `${keys.length} keys`,
      expected: `1 to ${shares} different keys`,
      exitCode: ExitCode.WrongUsage,
    });
  }
  return Array.from({ length: shares }, (_, index) => keys[index % keys.length]!);
}

/**
 * Makes the folder for encrypted shares: a new one, so that none of them is taken for another generation's.
 * @throws UserError where something of that name is there
 */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw notWritten(folder, error as NodeJS.ErrnoException);
    throw new UserError({
      problem: `The folder ${folder} cannot be made for the encrypted shares.`,
      got: code === "EEXIST" ? "something of that name" : "no folder to make it in",
      expected: "a name that nothing has yet",
      fix: "Name another one by --out.",
      exitCode: ExitCode.WrongUsage,
    });
  }
}

/** Notes who was handed the active shares. */
export function recordExport(home: HomePaths, shares: Shares, holders: readonly string[]): SharesRecord {
  const before = sharesRecord.read(home);
  const known = before?.generation === shares.generation ? before.holders : [];
  const record: SharesRecord = {
    generation: shares.generation,
    shares: shares.shares.length,
    threshold: shares.threshold,
    created: shares.created,
    holders: holders.length > 0 ? [...holders] : known,
    exported: new Date().toISOString(),
  };
  sharesRecord.write(home, record);
  return record;
}

/** Those who can open Vault by themselves, since they have as many shares as that takes. */
export function aloneEnough(holders: readonly string[], threshold: number): string[] {
  return [...new Set(holders)].filter(
    (holder) => holders.filter((other) => other === holder).length >= threshold,
  );
}
