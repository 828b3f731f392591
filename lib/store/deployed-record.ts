import { z } from "zod";
import { readJsonIfThere, writeJson } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

/** What a deploy left behind, as far as neither settings nor Terraform's state tell it: reality is compared with it later. */
export const deployedRecord = z.object({
  at: z.iso.datetime(),
  /** As they were deployed, with every default. */
  settings: z.record(z.string(), z.unknown()).exactOptional(),
  /** Another Vault has another one. */
  clusterId: z.string().exactOptional(),
  /** `secret/openrouter`. */
  secret: z.object({ version: z.int(), created: z.string() }).exactOptional(),
  /** What OpenRouter said of the key. */
  key: z
    .object({ label: z.string(), limit: z.number().nullable(), limitReset: z.string().nullable().optional() })
    .exactOptional(),
  /** Terraform's states, by stack. */
  states: z.record(z.string(), z.object({ lineage: z.string(), serial: z.int() })).exactOptional(),
});
export type DeployedRecord = z.output<typeof deployedRecord>;

/** Undefined where no deploy ever came to its end. */
export function readDeployedRecord(home: HomePaths): DeployedRecord | undefined {
  return readJsonIfThere(home.deployed, deployedRecord);
}

export function writeDeployedRecord(home: HomePaths, record: DeployedRecord): void {
  writeJson(home.deployed, record);
}
