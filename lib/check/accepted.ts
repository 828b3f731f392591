import type { CheckId } from "../config/check-ids";
import { namesWarning, onlyWarning } from "../config/check-warnings";
import { defined } from "../core/defined";
import { dateOf } from "../core/time";
import type { CheckParameters } from "../model/run-parameters";
import type { CheckResult } from "../report/check-report";
import { combine, pass, type Verdict } from "../report/finding";
import type { Finding } from "./check";

/** The warnings that are accepted, each with the reason, and until when. */
export type Accepted = Pick<CheckResult, "accepted">;

type Entry = NonNullable<CheckParameters["accepted"]>[number];

/**
 * Applies the settings' `check.accepted` to a finding: until the day set there, a warning that is named there becomes a detail,
 * and the finding passes if it has no other problem. A failure stays a failure.
 */
export function accepted(
  id: CheckId,
  finding: Finding,
  list: readonly Entry[],
  now: Date,
): Finding & Accepted {
  const { problems = [finding], cause, costUsd } = finding;
  // Both dates have the form YYYY-MM-DD, which sorts by time.
  const isOver = ({ until }: Entry) => until !== undefined && until < dateOf(now);
  const judged = problems.map((problem) => {
    const entries = list.filter((each) => each.id === id && names(each, problem));
    return { problem, active: entries.find((each) => !isOver(each)), over: entries.find(isOver) };
  });
  if (!judged.some(({ active, over }) => active ?? over)) return finding;
  const taken = judged.flatMap(({ problem, active }) => (active ? [{ problem, ...active }] : []));
  const told = taken.map(({ problem: { warning = "" }, reason, until }) =>
    defined({ warning, reason, until }),
  );
  const left = judged.flatMap(({ problem, active, over }) => {
    if (active) return [];
    if (!over) return [problem];
    const { until, reason } = over;
    return [{ ...problem, summary: `${problem.summary} (it was accepted until ${until}: ${reason})` }];
  });
  // Those of many problems that the summary did not tell are details as well.
  const passed = finding.details?.filter((each) => !problems.some(({ summary }) => summary === each)) ?? [];
  return {
    ...defined({ cause, costUsd }),
    ...combine(describe(taken), [
      ...left,
      ...[...taken.map(({ problem }) => problem.summary), ...passed].map((each) => pass(each)),
    ]),
    ...defined({ accepted: told.length > 0 ? told : undefined }),
  };
}

function names({ id, warning = onlyWarning(id) }: Entry, problem: Verdict): boolean {
  if (problem.status !== "warn" || warning === undefined || problem.warning === undefined) return false;
  return namesWarning(warning, problem.warning);
}

/** The summary if all problems are accepted. */
function describe(taken: readonly Entry[]): string {
  const reasons = [
    ...new Set(
      taken.map(({ reason, until }) => `${until === undefined ? "" : ` until ${until}`}: ${reason}`),
    ),
  ];
  const what = taken.length === 1 ? "a warning is" : `${taken.length} warnings are`;
  return `${what} accepted${reasons.join("; and")}`;
}
