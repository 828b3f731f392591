import type { CheckParameters } from "../model/run-parameters";
import type { Finding } from "./check";
import type { CheckResult } from "./report";

/** Why a warning passes. */
export type Accepted = Pick<CheckResult, "accepted">;

/**
 * What becomes of a finding under the settings' `check.accepted`: a warning passes and its text becomes a detail, until the day
 * that was set. A failure stays one.
 */
export function accepted(
  id: string,
  finding: Finding,
  list: NonNullable<CheckParameters["accepted"]>,
  now: Date,
): Finding & Accepted {
  const entry = list.find((each) => each.id === id);
  if (!entry || finding.status !== "warn") return finding;
  const { reason, until } = entry;
  // Both are of the form YYYY-MM-DD, which sorts by time.
  if (until !== undefined && until < now.toISOString().slice(0, 10))
    return { ...finding, summary: `${finding.summary} (it was accepted until ${until}: ${reason})` };
  const { fix: _, summary, details = [], ...rest } = finding;
  return {
    ...rest,
    status: "pass",
    summary: `a warning is accepted${until === undefined ? "" : ` until ${until}`}: ${reason}`,
    details: [summary, ...details],
    accepted: { reason, ...(until === undefined ? {} : { until }) },
  };
}
