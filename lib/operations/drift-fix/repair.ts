import type { Progress } from "../../core/progress";
import type { ReportedFinding } from "../../report/drift-report";
import type { DeployContext } from "../../session/context";

/** A fix that no plan can make. */
export interface Repair {
  readonly name: string;
  /** The findings that the repair fixes, by pattern. */
  readonly fixes: readonly string[];
  /** The findings that a person must fix before this repair can run, by pattern. @default none */
  readonly blockedBy?: readonly string[];
  /**
   * Whether the repair runs after the plans, or does not affect them. The others run before any plan, because a stopped
   * container or a sealed Vault cannot be planned.
   * @default false
   */
  readonly isAfterPlans?: boolean;
  /** The step in words, for a person. */
  describe(findings: readonly ReportedFinding[], context: DeployContext): string;
  run(findings: readonly ReportedFinding[], context: DeployContext, progress: Progress): Promise<unknown>;
}

/** The subjects of findings as text for a person. */
export function subjects(findings: readonly ReportedFinding[]): string {
  return [...new Set(findings.map(({ subject }) => subject))].join(", ");
}
