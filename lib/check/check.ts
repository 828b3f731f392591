import type { CheckId } from "../config/check-ids";
import type { CheckResult } from "../report/check-report";
import type { Verdict } from "../report/finding";
import type { CheckContext } from "./context";

/** What a check finds: the verdict, the kind of a failed call, and what it cost. */
export type Finding = Verdict & Pick<CheckResult, "cause" | "costUsd">;

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
