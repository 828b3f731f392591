import type { Finding } from "./finding";

/** A finding that nothing else explains, and what follows from it. */
export interface RootCause extends Omit<Finding, "explains"> {
  readonly follows: readonly Finding[];
}

/**
 * Puts what follows from another finding under it: a container that was replaced explains its twelve fields. Where several
 * findings explain one, it stands under the first of them. What drifted is never explained by changed settings.
 */
export function findRootCauses(findings: readonly Finding[]): RootCause[] {
  const rootOf = (finding: Finding, summary: readonly Finding[] = []): Finding => {
    const cause = findings.find((other) => other !== finding && explains(other, finding));
    if (!cause) return finding;
    const chain = [...summary, finding];
    // They explain each other: the first one counts.
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
  // What could not be determined may have another reason: the settings explain it only where they name it.
  if (kind === "declaration" && finding.kind === "unknown") return patterns.includes(finding.id);
  return patterns.some((pattern) => matches(pattern, finding.id));
}

/** Whether an id is one of a pattern, in which `*` stands for any part. */
export function matches(pattern: string, id: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(id);
}
