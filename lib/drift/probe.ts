import type { DriftContext } from "./context";
import type { Finding } from "./finding";

/** One place that is looked at for what a plan cannot see. */
export interface Probe {
  readonly id: string;
  /** Whether it inspects the instance's own Vault only, never an external one. @default false */
  readonly managedOnly?: boolean;
  /** @throws ProbeSkipped where something else must be fixed first */
  inspect(context: DriftContext): Promise<readonly Finding[]>;
}
