import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { defineRecord } from "./record";

/**
 * The Vault, there before, in which the roles and policies of our names are this instance's own: none of these names was in
 * it when this was written, which was before the first of them was.
 */
const schema = z.object({
  address: z.string(),
  /** Vault's own id of its data: another Vault at the same address has another one. */
  clusterId: z.string(),
  /** Whether roles, policies and secret ids are being written: a run that was interrupted may have left old secret ids alive. */
  writing: z.boolean(),
  since: z.iso.datetime(),
});
export type ExternalVaultRecord = z.output<typeof schema>;

const file = defineRecord("externalVault", schema);
export const readExternalVault = file.read;

export function writeExternalVault(home: HomePaths, record: Omit<ExternalVaultRecord, "since">): void {
  file.write(home, { ...record, since: new Date().toISOString() });
}

/** Once nothing of ours but the key is in it any more. */
export const removeExternalVault = file.remove;
