import { defined } from "../core/defined";
import { dateOf } from "../core/time";
import type { CheckParameters } from "../model/run-parameters";
import type { CheckResult } from "../report/check-report";
import type { Finding } from "./check";

/** The reason that a warning is accepted, and until when. */
export type Accepted = Pick<CheckResult, "accepted">;

/**
 * Applies the settings' `check.accepted` to a finding: until the day set there, a warning passes and its text becomes a
 * detail. A failure stays a failure.
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
  // Both dates have the form YYYY-MM-DD, which sorts by time.
  if (until !== undefined && until < dateOf(now))
    return { ...finding, summary: `${finding.summary} (it was accepted until ${until}: ${reason})` };
  const { fix: _, summary, details = [], ...rest } = finding;
  return {
    ...rest,
    status: "pass",
    summary: `a warning is accepted${until === undefined ? "" : ` until ${until}`}: ${reason}`,
    details: [summary, ...details],
    accepted: defined({ reason, until }),
  };
}
