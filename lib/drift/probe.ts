import type { DriftContext } from "./context";
import type { Finding } from "./finding";

/** Inspects one part of an instance for drift that a plan cannot see. */
export interface Probe {
  readonly id: string;
  /**
   * Of which instances it is: every one; those deployed on this host, but not a joined one, which has no stacks, no container and
   * no auditor; or those whose Vault is their own, not an external one.
   */
  readonly of: "every" | "deployed" | "managed";
  /** @throws ProbeSkipped if something else must be fixed first */
  inspect(context: DriftContext): Promise<readonly Finding[]>;
}

/** Findings as a probe states them: nested, with undefined or false for what does not differ. */
export type Findings = Finding | undefined | false | readonly Findings[];

type Inspect = (context: DriftContext) => Findings | Promise<Findings>;

/** A probe of any instance that is deployed on this host. */
export function probe(id: string, inspect: Inspect, of: Probe["of"] = "deployed"): Probe {
  return { id, of, inspect: async (context) => flatten(await inspect(context)) };
}

/** A probe of a joined host, too. */
export function everyProbe(id: string, inspect: Inspect): Probe {
  return probe(id, inspect, "every");
}

/** A probe that inspects the instance's own Vault only, never an external one. */
export function managedProbe(id: string, inspect: Inspect): Probe {
  return probe(id, inspect, "managed");
}

export function flatten(findings: Findings): Finding[] {
  if (!findings) return [];
  return isList(findings) ? findings.flatMap(flatten) : [findings];
}

function isList(findings: Finding | readonly Findings[]): findings is readonly Findings[] {
  return Array.isArray(findings);
}
