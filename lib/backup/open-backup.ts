import { join } from "node:path";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { type Archive, readArchive } from "./archive";

/** A backup that was read and found whole, and where Vault's snapshot of it lies for now. Nothing of it is proved yet. */
export interface OpenBackup {
  readonly file: string;
  readonly archive: Archive;
  readonly snapshot: string;
}

/**
 * Reads a backup for as long as some work takes. Of it only Vault's snapshot lies on the disk, which Vault has encrypted.
 * @throws UserError if it is damaged
 */
export function withBackup<T>(file: string, work: (backup: OpenBackup) => Promise<T>): Promise<T> {
  return withTemporaryFolder("backup", async (folder) => {
    const snapshot = join(folder, "vault.snap");
    return work({ file, snapshot, archive: await readArchive(file, snapshot) });
  });
}
