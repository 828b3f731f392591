import type { Finding } from "./finding";

/** A finding that no other finding explains, with the findings that follow from it. */
export interface RootCause extends Omit<Finding, "explains"> {
  readonly follows: readonly Finding[];
}

/**
 * Groups findings under the findings that explain them: a replaced container explains its changed fields. If several
 * findings explain one, it goes under the first of them. Changed settings never explain drift.
 */
export function findRootCauses(findings: readonly Finding[]): RootCause[] {
  // Few explain others, and of agents with models of their own there can be thousands.
  const causes = findings.filter(({ explains: patterns = [] }) => patterns.length > 0);
  const rootOf = (finding: Finding, summary: readonly Finding[] = []): Finding => {
    const cause = causes.find((other) => other !== finding && explains(other, finding));
    if (!cause) return finding;
    const chain = [...summary, finding];
    // The findings explain each other: take the first one.
    if (chain.includes(cause)) return findings.find((each) => chain.includes(each)) ?? finding;
    return rootOf(cause, chain);
  };
  const follows = new Map<Finding, Finding[]>();
  for (const finding of findings) {
    const root = rootOf(finding);
    const others = follows.get(root) ?? [];
    follows.set(root, root === finding ? others : [...others, finding]);
  }
  return [...follows].map(([{ explains: _, ...root }, others]) => ({ ...root, follows: others }));
}

function explains(cause: Finding, finding: Finding): boolean {
  const { kind, explains: patterns = [] } = cause;
  if (kind === "declaration" && finding.kind === "drift") return false;
  // An undetermined finding can have another reason: changed settings explain it only if they name its id.
  if (kind === "declaration" && finding.kind === "unknown") return patterns.includes(finding.id);
  return patterns.some((pattern) => matches(pattern, finding.id));
}

/** Whether an id matches a pattern, in which `*` matches any text. */
export function matches(pattern: string, id: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(id);
}
