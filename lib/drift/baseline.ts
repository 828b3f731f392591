import { z } from "zod";
import type { DriftReport, ReportedFinding } from "../report/drift-report";

const found = z.object({
  id: z.string(),
  kind: z.string().optional(),
  actual: z.string().optional(),
  summary: z.string().optional(),
});
const rootCause = found.extend({ follows: z.array(found).default([]) });

/** The part of an earlier report of `drift --json` that a baseline needs: its findings, and what it skipped. */
export const baseline = z.object({
  version: z.literal(1),
  findings: z.array(rootCause),
  known: z.array(rootCause).default([]),
  skipped: z.array(z.object({ what: z.string(), because: z.string() })).default([]),
});
export type Baseline = z.output<typeof baseline>;

/**
 * Separates new findings from known ones. A finding is known if the baseline has its id with the same actual value, and all drift
 * that follows from it: else a known replaced container would hide the network that it was connected to since. What could not be
 * determined is known for the same reason only: what follows from a known finding for another one is a finding of its own.
 */
export function splitKnown(
  findings: readonly ReportedFinding[],
  earlier: Baseline | undefined,
): { readonly fresh: ReportedFinding[]; readonly known: ReportedFinding[] } {
  const causes = [...(earlier?.findings ?? []), ...(earlier?.known ?? [])];
  const before = new Set(causes.flatMap((cause) => [cause, ...cause.follows]).map(identify));
  const isKnown = (finding: ReportedFinding) =>
    [finding, ...finding.follows.filter(({ kind }) => kind === "drift")].every((each) =>
      before.has(identify(each)),
    );
  const isUnread = (finding: Found) => finding.kind === "unknown" && !before.has(identify(finding));
  return {
    fresh: findings.flatMap((finding) => {
      if (!isKnown(finding)) return [finding];
      return finding.follows.filter(isUnread).map((each) => ({ ...each, follows: [] }));
    }),
    known: findings
      .filter(isKnown)
      .map((each) => ({ ...each, follows: each.follows.filter((one) => !isUnread(one)) })),
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

type Found = z.output<typeof found>;

/** What could not be determined has its reason in the summary. */
function identify({ id, kind, actual, summary }: Found): string {
  return JSON.stringify([id, (kind === "unknown" ? summary : actual) ?? null]);
}
