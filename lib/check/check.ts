import type { CheckId } from "../config/check-ids";
import type { CheckContext } from "./context";
import type { CheckStatus } from "./report";

/** What one check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** What was seen: of a check that passed, short enough for one line of a terminal. */
  readonly summary: string;
  /** What else was seen. */
  readonly details?: readonly string[];
  /** How to fix it. */
  readonly fix?: string;
  /** USD. */
  readonly costUsd?: number;
}

/** One check. What it throws is a failure: a `UserError`, an `OpenRouterFailure` or a `VaultFailure` with its own fix. */
export interface Check {
  readonly id: CheckId;
  /** Why it matters, in one sentence. */
  readonly why: string;
  /** Checks before it in the order that may not have failed. */
  readonly needs: readonly CheckId[];
  /** Whether it costs money. @default false */
  readonly spends?: boolean;
  /** Where nothing depends on it: its failures are warnings. @default false */
  readonly onlyWarns?: boolean;
  run(context: CheckContext): Promise<Finding>;
}

export const pass = (summary: string): Finding => ({ status: "pass", summary });
export const warn = (summary: string, fix: string): Finding => ({ status: "warn", summary, fix });
export const fail = (summary: string, fix: string): Finding => ({ status: "fail", summary, fix });
export const skip = (summary: string): Finding => ({ status: "skip", summary });

/** One thing that a check looked at; several make up a finding. */
export interface Point {
  readonly status: "pass" | "warn" | "fail";
  readonly summary: string;
  readonly fix?: string;
}

/**
 * One finding of several points: the worst status, and the fixes of all that did not pass. What did not pass is what
 * was seen, and all else a detail; where all passed, `summary` is what was seen.
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
