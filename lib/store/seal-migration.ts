import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readJsonIfThere, syncFolder, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

const sealMigration = z.object({
  /** As Vault names them. */
  from: z.string(),
  to: z.string(),
  since: z.iso.datetime(),
  /** Taken before anything was changed. */
  snapshot: z.string(),
});

/** A change of what unseals Vault that is under way: Vault may be started for it, and not by mistake. */
export type SealMigration = z.output<typeof sealMigration>;

export function readSealMigration(home: HomePaths): SealMigration | undefined {
  return readJsonIfThere(home.sealMigration, sealMigration);
}

export function writeSealMigration(home: HomePaths, migration: SealMigration): void {
  writeJson(home.sealMigration, migration);
}

export function removeSealMigration(home: HomePaths): void {
  if (!existsSync(home.sealMigration)) return;
  rmSync(home.sealMigration);
  syncFolder(dirname(home.sealMigration));
}
