import type { Progress } from "../../core/progress";
import type { ReportedFinding } from "../../drift/report";
import type { DeployContext } from "../../session/context";

/** Something that no plan can do. */
export interface Repair {
  readonly name: string;
  /** The findings that it fixes, by pattern. */
  readonly fixes: readonly string[];
  /** The findings with which it cannot be done while they are left to a person, by pattern. @default none */
  readonly hinderedBy?: readonly string[];
  /**
   * Whether it comes before anything is planned: a plan of a stopped container or a sealed Vault is none. The others
   * follow what is planned, or do not touch it.
   */
  readonly first: boolean;
  /** What it will do, for a person. */
  describe(findings: readonly ReportedFinding[], context: DeployContext): string;
  run(findings: readonly ReportedFinding[], context: DeployContext, progress: Progress): Promise<void>;
}
