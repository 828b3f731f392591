import { z } from "zod";
import { defineRecord } from "./record";

/** What was found and decided on this host. */
const schema = z.object({
  /** The engine on which the instance lives; another one is a stop. */
  engineId: z.string().exactOptional(),
  providers: z
    .object({ kind: z.enum(["registry", "mirror", "bundle"]), description: z.string(), basis: z.string() })
    .exactOptional(),
  image: z.object({ wanted: z.string(), reference: z.string() }).exactOptional(),
  /** What the image holds, by the image's id. */
  program: z
    .object({ id: z.string(), product: z.enum(["Vault", "OpenBao"]), version: z.string() })
    .exactOptional(),
});
export type HostRecord = z.output<typeof schema>;
export const hostRecord = defineRecord("host", schema);

/** The image as the engine has it: the bundle's own, where the host had no registry to pull the wanted one from. */
export function imageReference(record: HostRecord | undefined, wanted: string): string {
  return record?.image?.wanted === wanted ? record.image.reference : wanted;
}
