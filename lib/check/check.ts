import type { CheckId } from "../model/check-ids";
import type { CheckContext } from "./context";
import type { CheckStatus } from "./report";

/** What one check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** What was seen: of a check that passed, short enough for one line of a terminal. */
  readonly seen: string;
  /** What else was seen. */
  readonly details?: readonly string[];
  /** How to mend it. */
  readonly remedy?: string;
  /** USD. */
  readonly costUsd?: number;
}

/** One check. What it throws is a failure: a `UserError`, an `OpenRouterFailure` or a `VaultFailure` with its own remedy. */
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

export const pass = (seen: string): Finding => ({ status: "pass", seen });
export const warn = (seen: string, remedy: string): Finding => ({ status: "warn", seen, remedy });
export const fail = (seen: string, remedy: string): Finding => ({ status: "fail", seen, remedy });
export const skip = (seen: string): Finding => ({ status: "skip", seen });

/** One thing that a check looked at; several make up a finding. */
export interface Point {
  readonly status: "pass" | "warn" | "fail";
  readonly seen: string;
  readonly remedy?: string;
}

/**
 * One finding of several points: the worst status, and the remedies of all that did not pass. What did not pass is what
 * was seen, and all else a detail; where all passed, `summary` is what was seen.
 */
export function combine(summary: string, points: readonly Point[]): Finding {
  const problems = points.filter(({ status }) => status !== "pass");
  const details = points.filter(({ status }) => status === "pass").map(({ seen }) => seen);
  const remedies = [...new Set(problems.flatMap(({ remedy }) => remedy ?? []))];
  return {
    status: problems.some(({ status }) => status === "fail") ? "fail" : problems.length > 0 ? "warn" : "pass",
    seen: problems.length > 0 ? problems.map(({ seen }) => seen).join("; ") : summary,
    ...(details.length > 0 ? { details } : {}),
    ...(remedies.length > 0 ? { remedy: remedies.join("\n") } : {}),
  };
}
