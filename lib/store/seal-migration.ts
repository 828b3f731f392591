import { z } from "zod";
import { defineRecord } from "./record";

const schema = z.object({
  /** As Vault names them. */
  from: z.string(),
  to: z.string(),
  since: z.iso.datetime(),
  /** Taken before anything was changed. */
  snapshot: z.string(),
});

/** A change of what unseals Vault that is under way: Vault may be started for it, and not by mistake. */
export type SealMigration = z.output<typeof schema>;
export const sealMigrationRecord = defineRecord("sealMigration", schema);
