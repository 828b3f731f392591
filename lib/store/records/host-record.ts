import { z } from "zod";
import { defineRecord } from "./record";

/** What this program found and decided on this host. */
const schema = z.object({
  /** The id of the engine on which the instance runs, a space, and the engine's data folder. Commands refuse another engine. */
  engineId: z.string().exactOptional(),
  providers: z
    .object({ kind: z.enum(["registry", "mirror", "bundle"]), description: z.string(), basis: z.string() })
    .exactOptional(),
  /** Set if the host's kernel does not limit memory: the engine would drop the limit. */
  limitsMemory: z.literal(false).exactOptional(),
  image: z.object({ wanted: z.string(), reference: z.string() }).exactOptional(),
  /** The program in the image, with the image's id. */
  program: z
    .object({ id: z.string(), product: z.enum(["Vault", "OpenBao"]), version: z.string() })
    .exactOptional(),
});
export type HostRecord = z.output<typeof schema>;
export const hostRecord = defineRecord("host", schema);

/** The data folder of an engine, from its id; undefined if it is not known. */
export function dataFolderOf(engineId: string | undefined): string | undefined {
  return / (\/.*)$/.exec(engineId ?? "")?.[1];
}

/** The reference of the image on the engine: the bundle's own image if the wanted one could not be pulled. */
export function imageReference(record: HostRecord | undefined, wanted: string): string {
  return record?.image?.wanted === wanted ? record.image.reference : wanted;
}

/** The host's part of a declaration: the image's reference, and whether the kernel limits memory. */
export function hostProps(
  record: HostRecord | undefined,
  wanted: string,
): { readonly image: string; readonly limitsMemory: boolean } {
  return { image: imageReference(record, wanted), limitsMemory: record?.limitsMemory ?? true };
}
