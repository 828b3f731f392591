import { z } from "zod";
import { readJsonIfThere, writeJsonIfChanged } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

/** What was found and decided on this host. */
const hostRecord = z.object({
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
export type HostRecord = z.output<typeof hostRecord>;

export function readHostRecord(home: HomePaths): HostRecord | undefined {
  return readJsonIfThere(home.host, hostRecord);
}

export function writeHostRecord(home: HomePaths, record: object): void {
  writeJsonIfChanged(home.host, record);
}

/** The image as the engine has it: the bundle's own, where the host had no registry to pull the wanted one from. */
export function imageReference(record: HostRecord | undefined, wanted: string): string {
  return record?.image?.wanted === wanted ? record.image.reference : wanted;
}
