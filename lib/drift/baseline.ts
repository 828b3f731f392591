import { z } from "zod";
import type { DriftReport, ReportedFinding } from "../report/drift-report";

/** The part of an earlier report of `drift --json` that a baseline needs: its findings, and what it skipped. */
export const baseline = z.object({
  version: z.literal(1),
  findings: z.array(z.object({ id: z.string(), actual: z.string().optional() })),
  known: z.array(z.object({ id: z.string(), actual: z.string().optional() })).default([]),
  skipped: z.array(z.object({ what: z.string(), because: z.string() })).default([]),
});
export type Baseline = z.output<typeof baseline>;

/** Separates new findings from known ones. A finding is known if the baseline has its id with the same actual value. */
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

/** Marks what the baseline skipped as well, for the same reason. */
export function markKnown(
  skipped: DriftReport["skipped"],
  earlier: Baseline | undefined,
): DriftReport["skipped"] {
  const isKnown = (each: DriftReport["skipped"][number]) =>
    earlier?.skipped.some(({ what, because }) => what === each.what && because === each.because);
  return skipped.map((each) => (isKnown(each) ? { ...each, known: true } : each));
}

function identify({ id, actual }: { readonly id: string; readonly actual?: string | undefined }): string {
  return JSON.stringify([id, actual ?? null]);
}
