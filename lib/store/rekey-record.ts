import { z } from "zod";
import { defineRecord } from "./record";

const schema = z.object({
  /** The generation that is being made. */
  generation: z.int().min(2),
  shares: z.int().min(1),
  threshold: z.int().min(1),
  since: z.iso.datetime(),
  /** By it Vault's rekey is known as this one: anybody may begin one there. Missing until the new shares were made. */
  nonce: z.string().exactOptional(),
  /** `kept`: the new shares lie in the instance directory; `distributed`: people have them. */
  way: z.enum(["kept", "distributed"]),
  holders: z.array(z.string()),
  /** Digests of shares that were seen of each generation: by them one is told from the other. */
  seen: z.object({ before: z.array(z.string()), after: z.array(z.string()) }),
  /** Whether the new ones were about to be verified: since then either generation may be active. */
  verifying: z.boolean(),
});

/** A rekey that is under way. No share is in it. */
export type RekeyRecord = z.output<typeof schema>;
export const rekeyRecord = defineRecord("rekey", schema);
