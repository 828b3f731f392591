import { z } from "zod";
import type { State } from "../../model/terraform-state";
import { defineRecord } from "./record";

/** The facts of a deploy that neither the settings nor Terraform's state hold. `drift` compares them with reality. */
const schema = z.object({
  at: z.iso.datetime(),
  /** The deployed settings, with every default. */
  settings: z.record(z.string(), z.unknown()).exactOptional(),
  /** Vault's own id of its data: another Vault has another id. */
  clusterId: z.string().exactOptional(),
  /** `secret/openrouter`. */
  secret: z.object({ version: z.int(), created: z.string() }).exactOptional(),
  /** The key as OpenRouter reported it. */
  key: z
    .object({ label: z.string(), limit: z.number().nullable(), limitReset: z.string().nullable().optional() })
    .exactOptional(),
  /** Set if the unseal key shares were on this host: only `shares remove` takes them off. */
  sharesHere: z.literal(true).exactOptional(),
  /** Terraform's states, by stack. */
  states: z.record(z.string(), z.object({ lineage: z.string(), serial: z.int() })).exactOptional(),
});
export type DeployedRecord = z.output<typeof schema>;
export const deployedRecord = defineRecord("deployed", schema);

/** What the record keeps of the states that there are. */
export function statesToRecord(
  states: readonly (readonly [stack: string, State | undefined])[],
): NonNullable<DeployedRecord["states"]> {
  return Object.fromEntries(
    states.flatMap(([stack, state]) =>
      state ? [[stack, { lineage: state.lineage, serial: state.serial }]] : [],
    ),
  );
}
