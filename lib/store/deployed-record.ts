import { z } from "zod";
import { defineRecord } from "./record";

/** What a deploy left behind, as far as neither settings nor Terraform's state tell it: reality is compared with it later. */
const schema = z.object({
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
export type DeployedRecord = z.output<typeof schema>;
export const deployedRecord = defineRecord("deployed", schema);
