import { z } from "zod";
import { gains } from "../../model/vault/access";
import { defineRecord } from "./record";

/** Who has access to the key besides this instance's identities, as a person last saw and accepted it. */
const schema = z.object({
  shown: z.iso.datetime(),
  principals: z.array(z.object({ id: z.string(), gains: z.array(z.enum(gains)) })),
});
export type AccessRecord = z.output<typeof schema>;
export const accessRecord = defineRecord("access", schema);
