import type { CheckContext } from "./context";
import type { CheckId, CheckStatus } from "./report";

/** What one check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** What was seen, in one sentence or some short ones. */
  readonly seen: string;
  /** How to mend it. */
  readonly remedy?: string;
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

/** One finding of several points: the worst status, all that was seen, the remedies of what did not pass. */
export function combine(points: readonly Point[]): Finding {
  const status = (["fail", "warn", "pass"] as const).find((wanted) =>
    points.some((point) => point.status === wanted),
  );
  const remedies = [...new Set(points.flatMap(({ remedy }) => remedy ?? []))];
  return {
    status: status ?? "pass",
    seen: points.map(({ seen }) => seen).join("; "),
    ...(remedies.length > 0 ? { remedy: remedies.join("\n") } : {}),
  };
}
