import type { DriftContext } from "./context";
import type { Finding } from "./finding";

/** Inspects one part of an instance for drift that a plan cannot see. */
export interface Probe {
  readonly id: string;
  /** Whether it inspects the instance's own Vault only, never an external one. @default false */
  readonly managedOnly?: boolean;
  /** @throws ProbeSkipped if something else must be fixed first */
  inspect(context: DriftContext): Promise<readonly Finding[]>;
}
