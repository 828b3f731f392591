import type { CheckId } from "../config/check-ids";
import type { CheckContext } from "./context";
import type { CheckStatus } from "./report";

/** The result of one check. */
export interface Finding {
  readonly status: CheckStatus;
  /** The result in short. If the check passed, it fits on one line of a terminal. */
  readonly summary: string;
  /** Further results, none of them a problem. */
  readonly details?: readonly string[];
  /** How to fix it. */
  readonly fix?: string;
  /** USD. */
  readonly costUsd?: number;
}

/**
 * One check. An error that it throws is a failure; a `UserError`, an `OpenRouterFailure` or a `VaultFailure` brings its own
 * fix.
 */
export interface Check {
  readonly id: CheckId;
  /** Why it matters, in one sentence. */
  readonly why: string;
  /** Earlier checks that this one needs: it is skipped if one of them fails. */
  readonly needs: readonly CheckId[];
  /** Whether it costs money. @default false */
  readonly spends?: boolean;
  /** Whether its failures are only warnings, because nothing depends on it. @default false */
  readonly onlyWarns?: boolean;
  run(context: CheckContext): Promise<Finding>;
}

export const pass = (summary: string): Finding => ({ status: "pass", summary });
export const warn = (summary: string, fix: string): Finding => ({ status: "warn", summary, fix });
export const fail = (summary: string, fix: string): Finding => ({ status: "fail", summary, fix });
export const skip = (summary: string): Finding => ({ status: "skip", summary });

/** The result for one of the things that a check inspects; several points make up a finding. */
export interface Point {
  readonly status: "pass" | "warn" | "fail";
  readonly summary: string;
  readonly fix?: string;
}

/**
 * Combines several points into one finding: the most severe status, and the fixes of all points that did not pass. These
 * points make up the summary, and the others become details.
 * @param summary the finding's summary if all points pass
 */
export function combine(summary: string, points: readonly Point[]): Finding {
  const problems = points.filter(({ status }) => status !== "pass");
  const details = points.filter(({ status }) => status === "pass").map(({ summary }) => summary);
  const fixes = [...new Set(problems.flatMap(({ fix }) => fix ?? []))];
  return {
    status: problems.some(({ status }) => status === "fail") ? "fail" : problems.length > 0 ? "warn" : "pass",
    summary: problems.length > 0 ? problems.map(({ summary }) => summary).join("; ") : summary,
    ...(details.length > 0 ? { details } : {}),
    ...(fixes.length > 0 ? { fix: fixes.join("\n") } : {}),
  };
}
