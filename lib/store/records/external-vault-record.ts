import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

/**
 * The external Vault in which this program's roles and policies belong to this instance. It is recorded before the first of
 * them is written, and only if Vault has none of their names.
 */
const schema = z.object({
  address: z.string(),
  /** Vault's own id of its data: another Vault at the same address has another one. */
  clusterId: z.string(),
  /** Whether roles, policies and secret ids are being written. An interrupted run may have left old secret ids active. */
  writing: z.boolean(),
  since: z.iso.datetime(),
});
type ExternalVaultRecord = z.output<typeof schema>;

const file = defineRecord("externalVault", schema);
export const readExternalVault = file.read;

export function writeExternalVault(home: HomePaths, record: Omit<ExternalVaultRecord, "since">): void {
  file.write(home, { ...record, since: new Date().toISOString() });
}

/** Removes the record, once that Vault holds nothing of this program but the key. */
export const removeExternalVault = file.remove;
