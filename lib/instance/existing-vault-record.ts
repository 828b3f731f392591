import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { readJsonIfThere, syncFolder, writeJson } from "./files";

/**
 * The Vault, there before, in which the roles and policies of our names are this instance's own: none of these names was in
 * it when this was written, which was before the first of them was.
 */
const existingVaultRecord = z.object({
  address: z.string(),
  /** Vault's own id of its data: another Vault at the same address has another one. */
  clusterId: z.string(),
  /** Whether roles, policies and secret ids are being written: a run that was cut off may have left old secret ids alive. */
  writing: z.boolean(),
  since: z.iso.datetime(),
});
export type ExistingVaultRecord = z.output<typeof existingVaultRecord>;

export function readExistingVault(home: HomePaths): ExistingVaultRecord | undefined {
  return readJsonIfThere(home.existingVault, existingVaultRecord);
}

export function writeExistingVault(home: HomePaths, record: Omit<ExistingVaultRecord, "since">): void {
  writeJson(home.existingVault, { ...record, since: new Date().toISOString() });
}

/** Once nothing of ours but the key is in it any more. */
export function forgetExistingVault(home: HomePaths): void {
  rmSync(home.existingVault, { force: true });
  syncFolder(dirname(home.existingVault));
}
