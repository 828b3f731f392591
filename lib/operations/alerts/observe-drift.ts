import type { Condition, Observation } from "../../model/alert";
import type { DriftReport } from "../../report/drift-report";
import { critical, quoted, warning } from "./condition";
import { scheduledFailure } from "./observe-failure";

/** What alerts read of a drift report. */
export type DriftSeen = Pick<DriftReport, "started" | "skipped"> & {
  readonly findings: readonly Pick<
    DriftReport["findings"][number],
    "id" | "kind" | "severity" | "subject" | "summary" | "fix" | "follows"
  >[];
};

/** What a drift check found, for alerts: what puts the key or its protection at risk, and that something was not inspected. */
export function observeDrift({ started, findings, skipped }: DriftSeen): Observation {
  const severe = findings.filter(isSevere);
  const follows = findings.flatMap((finding) => finding.follows);
  const notInspected = uninspectedBy({ findings, skipped });
  // Told before by itself, and still so.
  const isResolving = notInspected.length === 0 && !follows.some(isSevere);
  return {
    at: started,
    conditions: [
      ...severe.map(({ id, subject, summary, fix }) =>
        critical(`drift:${id}`, quoted(`${subject}: ${summary}`), quoted(fix.command)),
      ),
      ...uninspected(notInspected),
    ],
    determined: [
      scheduledFailure("drift"),
      ...(notInspected.length === 0 ? ["drift.undetermined"] : []),
      ...(isResolving ? ["drift:*"] : []),
    ],
  };
}

/**
 * What a drift check could not inspect, as texts. The outcome `drift` does not say so: a sealed Vault is drift, and hides a root
 * token that is still active.
 */
export function uninspectedBy({ findings, skipped }: Pick<DriftSeen, "findings" | "skipped">): string[] {
  return [
    ...skipped.filter(({ known }) => !known).map(({ what, because }) => `${what}: ${because}`),
    ...[...findings, ...findings.flatMap(({ follows }) => follows)]
      .filter(({ kind }) => kind === "unknown")
      .map(({ subject, summary }) => `${subject}: ${summary}`),
  ];
}

/** A drift check finds nothing in what it cannot inspect: if nobody hears of that, it looks like no drift. */
function uninspected([first, ...more]: readonly string[]): Condition[] {
  if (first === undefined) return [];
  const rest = more.length > 0 ? `, and ${more.length} more` : "";
  return [
    {
      ...warning(
        "drift.undetermined",
        `The scheduled drift check could not inspect everything. ${quoted(first)}${rest}.`,
        "openclaw-openrouter drift; what is missing on this host: openclaw-openrouter doctor",
      ),
      twice: true,
    },
  ];
}

function isSevere({ id, kind, severity }: Pick<DriftSeen["findings"][number], "id" | "kind" | "severity">) {
  return kind === "drift" && (severity === "critical" || isWayToKey(id));
}

/** Whether a finding is someone who has got access to the key: a person hears of that even if the access is to write alone. */
function isWayToKey(id: string): boolean {
  return id.startsWith("vault.access:");
}
