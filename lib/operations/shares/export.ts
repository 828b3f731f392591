import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { attempt } from "../../core/attempt";
import { UserError, wrongUsage } from "../../core/errors";
import { notWritten, writePrivateFile } from "../../core/files/files";
import type { Deployment } from "../../model/deployment";
import type { HomePaths } from "../../model/home-paths";
import { requireOwnVault } from "../../session/external-vault";
import { type SharesRecord, sharesRecord } from "../../store/records/shares-record";
import type { PgpKey } from "../../vault/shares/pgp-keys";
import { readShares, type Shares } from "../../vault/shares/shares-file";

/** A share written to a file for its holder. */
export interface WrittenShare {
  readonly share: number;
  readonly holder: string;
  /** The fingerprint of the key that it is encrypted to. */
  readonly fingerprint: string;
  readonly file: string;
}

/**
 * The shares in the instance directory, for distribution.
 * @throws UserError if they are missing
 */
export function sharesToExport(deployment: Deployment): Shares {
  requireOwnVault(deployment, "To export shares", "Its owner has them.");
  const shares = readShares(deployment.home.shares);
  if (shares) return shares;
  throw new UserError({
    problem: "The shares are not on this host.",
    got: `no ${deployment.home.shares}`,
    fix: "To see where they are: openclaw-openrouter shares status\nTo make new ones with those that people have: openclaw-openrouter shares rekey",
  });
}

/**
 * Writes each share to a file, encrypted to one of the keys. If there are fewer keys than shares, the keys take turns.
 * @throws UserError if the folder exists, or the keys do not fit the shares
 */
export async function writeEncrypted(
  shares: readonly string[],
  keys: readonly PgpKey[],
  folder: string,
): Promise<WrittenShare[]> {
  const dealt = dealOut(shares.length, keys);
  return inNewFolder(folder, async () => {
    const encrypted = await Promise.all(dealt.map((key, index) => key.encrypt(`${shares[index]}\n`)));
    return writeForHolders(encrypted, dealt, folder);
  });
}

/**
 * @param texts one share each, encrypted for the holder with the same index in `dealt`
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

/** The key for each share. @throws UserError if there is no key, there are more keys than shares, or a key is given twice */
export function dealOut(shares: number, keys: readonly PgpKey[]): PgpKey[] {
  const different = new Set(keys.map(({ fingerprint }) => fingerprint)).size;
  if (keys.length === 0 || keys.length > shares || different < keys.length) {
    throw wrongUsage({
      problem: `The ${shares} shares cannot be encrypted to the given keys.`,
      got: different < keys.length ? "the same key twice" : `${keys.length} keys`,
      expected: `1 to ${shares} different keys`,
    });
  }
  return Array.from({ length: shares }, (_, index) => keys[index % keys.length]!);
}

/**
 * Writes encrypted shares into a new folder, so that shares of two generations are never mixed. If that fails, the folder is
 * removed: the next run can use its name.
 * @throws UserError if the path exists, or its parent folder is missing
 */
export async function inNewFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  makeFolder(folder);
  try {
    return await work();
  } catch (error) {
    attempt(() => removeFolder(folder));
    throw error;
  }
}

/** The file of a share, as {@link writeForHolders} names it. */
const shareFile = /^share-\d+-of-\d+\.[0-9a-f]{16}\.asc$/i;

/** Not recursively: the owner of the parent folder could exchange it meanwhile, so that root removes what is in another one. */
function removeFolder(folder: string): void {
  for (const name of readdirSync(folder).filter((each) => shareFile.test(each)))
    rmSync(join(folder, name), { force: true });
  rmdirSync(folder);
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw notWritten(folder, error as NodeJS.ErrnoException);
    throw wrongUsage({
      problem: `The folder ${folder} for the encrypted shares cannot be created.`,
      got: code === "EEXIST" ? "it exists" : "its parent folder is missing",
      expected: "a new name in an existing folder",
      fix: "Name another folder with --out.",
    });
  }
}

/** Records who received the active shares. */
export function recordExport(home: HomePaths, shares: Shares, holders: readonly string[]): SharesRecord {
  const record = { ...sharesRecordOf(home, shares, holders), exported: new Date().toISOString() };
  sharesRecord.write(home, record);
  return record;
}

/** The active shares and what the record knows of them. @param holders who has them. @default whom the record names */
export function sharesRecordOf(home: HomePaths, shares: Shares, holders: readonly string[]): SharesRecord {
  const before = sharesRecord.read(home);
  const known = before?.generation === shares.generation ? before : undefined;
  return {
    generation: shares.generation,
    shares: shares.shares.length,
    threshold: shares.threshold,
    created: shares.created,
    holders: holders.length > 0 ? [...holders] : (known?.holders ?? []),
    ...(known?.exported ? { exported: known.exported } : {}),
  };
}

/** The holders who can unseal Vault alone, with at least the threshold of shares. */
export function aloneEnough(holders: readonly string[], threshold: number): string[] {
  return [...new Set(holders)].filter(
    (holder) => holders.filter((other) => other === holder).length >= threshold,
  );
}
