import { z } from "zod";
import type { ReportedFinding } from "./report";

/** An earlier report: what `drift --json` printed then. Of it, what it found is read. */
export const baseline = z.object({
  version: z.literal(1),
  findings: z.array(z.object({ id: z.string(), actual: z.string().optional() })),
  known: z.array(z.object({ id: z.string(), actual: z.string().optional() })).default([]),
});
export type Baseline = z.output<typeof baseline>;

/** Tells apart what is new: what the baseline has under the same id, and with the same thing found, is known. */
export function splitKnown(
  findings: readonly ReportedFinding[],
  earlier: Baseline | undefined,
): { readonly fresh: ReportedFinding[]; readonly known: ReportedFinding[] } {
  const before = new Set([...(earlier?.findings ?? []), ...(earlier?.known ?? [])].map(identify));
  return {
    fresh: findings.filter((finding) => !before.has(identify(finding))),
    known: findings.filter((finding) => before.has(identify(finding))),
  };
}

function identify({ id, actual }: { readonly id: string; readonly actual?: string | undefined }): string {
  return JSON.stringify([id, actual ?? null]);
}
