import { z } from "zod";
import { instanceLabel } from "./instance-label";

/** The part of Terraform's state that is read: what was applied last. */
const stateSchema = z.object({
  // A backend without a state returns one without a lineage.
  lineage: z.string().min(1),
  serial: z.int(),
  resources: z
    .array(
      z.object({
        mode: z.string(),
        type: z.string(),
        name: z.string(),
        instances: z.array(
          z.object({
            /** `tainted` if it was made and its step failed. */
            status: z.string().optional(),
            attributes: z.record(z.string(), z.unknown()).nullish(),
          }),
        ),
      }),
    )
    .default([]),
});
export type State = z.output<typeof stateSchema>;

/**
 * Parses the JSON of a state; undefined if it is not one, for example if Terraform was interrupted before it wrote the file.
 */
export function parseState(json: unknown): State | undefined {
  return stateSchema.safeParse(json).data;
}

/** The attributes of the resources of a type, by their name in the declaration. */
export function attributesOf(state: State | undefined, type: string): Map<string, Record<string, unknown>> {
  const found = state?.resources.filter((resource) => resource.mode === "managed" && resource.type === type);
  return new Map(
    (found ?? []).flatMap(({ name, instances }) => {
      const attributes = instances[0]?.attributes;
      return attributes ? [[name, attributes] as const] : [];
    }),
  );
}

/** The addresses of all resources of a state. */
export function addressesIn(state: State | undefined): string[] {
  return (state?.resources ?? []).flatMap(({ mode, type, name }) =>
    mode === "managed" ? [`${type}.${name}`] : [],
  );
}

/** The id of the instance whose volumes a state holds. */
export function ownerOf(state: State | undefined): string | undefined {
  for (const { labels } of attributesOf(state, "docker_volume").values()) {
    if (!Array.isArray(labels)) continue;
    const ours = labels.find(({ label }) => label === instanceLabel);
    if (ours) return String(ours.value);
  }
  return undefined;
}
