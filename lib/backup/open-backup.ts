import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Archive, readArchive } from "./archive";
import type { Decryption } from "./encryption";

/** A backup that was read and found whole, and where Vault's snapshot of it lies for now. */
export interface OpenBackup {
  readonly file: string;
  readonly archive: Archive;
  readonly snapshot: string;
}

/**
 * Reads a backup for as long as some work takes. Of it only Vault's snapshot lies on the disk, which Vault has encrypted.
 * @throws UserError where it is damaged, or not opened
 */
export async function withBackup<T>(
  file: string,
  decryption: () => Promise<Decryption>,
  work: (backup: OpenBackup) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "openclaw-openrouter-backup-"));
  try {
    const snapshot = join(folder, "vault.snap");
    return await work({ file, snapshot, archive: await readArchive(file, snapshot, decryption) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
