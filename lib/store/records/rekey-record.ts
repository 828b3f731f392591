import { z } from "zod";
import { defineRecord } from "./record";

const schema = z.object({
  /** The generation of the new shares. */
  generation: z.int().min(2),
  /** The generation of the shares that they replace: after a restore not always the one before. */
  replaces: z.int().min(1),
  shares: z.int().min(1),
  threshold: z.int().min(1),
  since: z.iso.datetime(),
  /** Identifies Vault's rekey as this one, since anybody can start a rekey. Missing until the new shares are made. */
  nonce: z.string().exactOptional(),
  /** `kept`: the new shares are stored in the instance directory; `distributed`: people have them. */
  way: z.enum(["kept", "distributed"]),
  holders: z.array(z.string()),
  /** Digests of the shares that were given, by generation: they distinguish the two generations. */
  seen: z.object({ before: z.array(z.string()), after: z.array(z.string()) }),
  /** Whether the verification of the new shares has begun: from then on either generation may be active. */
  verifying: z.boolean(),
});

/** A rekey that is under way. The record contains no share. */
export type RekeyRecord = z.output<typeof schema>;
export const rekeyRecord = defineRecord("rekey", schema);
