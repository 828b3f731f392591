import { join } from "node:path";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { type Archive, readArchive } from "./archive";

/** A complete, intact backup, and the temporary file of its snapshot. Its origin is not proved yet. */
export interface OpenBackup {
  readonly file: string;
  readonly archive: Archive;
  readonly snapshot: string;
}

/**
 * Opens a backup during some work. Only Vault's snapshot, which Vault encrypted, is written to disk.
 * @throws UserError if it is damaged
 */
export function withBackup<T>(file: string, work: (backup: OpenBackup) => Promise<T>): Promise<T> {
  return withTemporaryFolder("backup", async (folder) => {
    const snapshot = join(folder, "vault.snap");
    return work({ file, snapshot, archive: await readArchive(file, snapshot) });
  });
}
