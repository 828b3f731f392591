import type { DriftContext } from "./context";
import type { Finding } from "./finding";

/** Inspects one part of an instance for drift that a plan cannot see. */
export interface Probe {
  readonly id: string;
  /** Whether it inspects the instance's own Vault only, never an external one. */
  readonly managedOnly: boolean;
  /** @throws ProbeSkipped if something else must be fixed first */
  inspect(context: DriftContext): Promise<readonly Finding[]>;
}

/** Findings as a probe states them: nested, with undefined or false for what does not differ. */
export type Findings = Finding | undefined | false | readonly Findings[];

type Inspect = (context: DriftContext) => Findings | Promise<Findings>;

/** A probe of any instance. */
export function probe(id: string, inspect: Inspect, managedOnly = false): Probe {
  return { id, managedOnly, inspect: async (context) => flatten(await inspect(context)) };
}

/** A probe that inspects the instance's own Vault only, never an external one. */
export function managedProbe(id: string, inspect: Inspect): Probe {
  return probe(id, inspect, true);
}

export function flatten(findings: Findings): Finding[] {
  if (!findings) return [];
  return isList(findings) ? findings.flatMap(flatten) : [findings];
}

function isList(findings: Finding | readonly Findings[]): findings is readonly Findings[] {
  return Array.isArray(findings);
}
