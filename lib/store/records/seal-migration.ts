import { z } from "zod";
import { defineRecord } from "./record";

const schema = z.object({
  /** The previous seal type, as Vault names it. */
  from: z.string(),
  to: z.string(),
  since: z.iso.datetime(),
  /** The snapshot that was taken before the first change. */
  snapshot: z.string(),
});

/** A seal migration that is under way. Without this record, a Vault that waits for a migration is refused. */
export type SealMigration = z.output<typeof schema>;
export const sealMigrationRecord = defineRecord("sealMigration", schema);
