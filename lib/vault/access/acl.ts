import type { Rule } from "./policy-text";

/** A policy by its name, with its rules. */
export interface NamedPolicy {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** What a set of policies permits at a path. */
export interface Permission {
  readonly capabilities: ReadonlySet<string>;
  /** The path of the rule that decides. */
  readonly rule: string;
  /** The policies that have that rule. */
  readonly policies: readonly string[];
}

interface Merged extends Permission {
  readonly capabilities: Set<string>;
  readonly policies: string[];
}

/** The union of several policies, which decides as Vault's own does: by the best rule for a path, and in it `deny` wins. */
export class Acl {
  private readonly exact = new Map<string, Merged>();
  private readonly prefixes = new Map<string, Merged>();
  private readonly segments = new Map<string, Merged>();

  constructor(policies: readonly NamedPolicy[]) {
    for (const { name, rules } of policies)
      for (const { path, capabilities } of rules) this.add(name, path, capabilities);
  }

  /** The rules' paths, as the policies have them. */
  get paths(): string[] {
    return [this.exact, this.prefixes, this.segments].flatMap((rules) =>
      [...rules.values()].map(({ rule }) => rule),
    );
  }

  /** What is permitted at a path, which has no `*` and no `+`; undefined if no rule matches it. */
  at(path: string): Permission | undefined {
    return this.exact.get(path) ?? this.best(path);
  }

  private add(policy: string, path: string, capabilities: readonly string[]): void {
    const hasSegments = path === "+" || path.includes("/+") || path.startsWith("+/");
    const isPrefix = !hasSegments && path.endsWith("*");
    const rules = hasSegments ? this.segments : isPrefix ? this.prefixes : this.exact;
    const key = isPrefix ? path.slice(0, -1) : path;
    const merged = rules.get(key) ?? { rule: path, capabilities: new Set<string>(), policies: [] };
    rules.set(key, merged);
    if (!merged.policies.includes(policy)) merged.policies.push(policy);
    if (merged.capabilities.has("deny")) return;
    if (capabilities.includes("deny")) {
      merged.capabilities.clear();
      merged.capabilities.add("deny");
    } else for (const each of capabilities) merged.capabilities.add(each);
  }

  /** The rule with the highest priority among those with `*` or `+` that match. */
  private best(path: string): Merged | undefined {
    const matching: Candidate[] = [];
    const [prefix] = [...this.prefixes.keys()]
      .filter((each) => path.startsWith(each))
      .sort((a, b) => b.length - a.length);
    if (prefix !== undefined)
      matching.push({
        first: prefix.length,
        isPrefix: true,
        wildcards: 0,
        text: prefix,
        rule: this.prefixes.get(prefix)!,
      });
    for (const [text, rule] of this.segments) {
      const candidate = matchSegments(text, path.split("/"));
      if (candidate) matching.push({ ...candidate, rule });
    }
    return matching.sort(byPriority)[0]?.rule;
  }
}

interface Candidate {
  /** The position of the first wildcard. */
  readonly first: number;
  readonly isPrefix: boolean;
  readonly wildcards: number;
  readonly text: string;
  readonly rule: Merged;
}

/** Vault's order: a later first wildcard, no `*` at the end, fewer `+`, a longer path, and then by text. */
function byPriority(a: Candidate, b: Candidate): number {
  if (a.first !== b.first) return b.first - a.first;
  if (a.isPrefix !== b.isPrefix) return a.isPrefix ? 1 : -1;
  if (a.wildcards !== b.wildcards) return a.wildcards - b.wildcards;
  if (a.text.length !== b.text.length) return b.text.length - a.text.length;
  return a.text < b.text ? 1 : -1;
}

function matchSegments(rule: string, path: readonly string[]): Omit<Candidate, "rule"> | undefined {
  const isPrefix = rule.endsWith("*");
  const text = isPrefix ? rule.slice(0, -1) : rule;
  const parts = text.split("/");
  if (path.length < parts.length || (!isPrefix && path.length !== parts.length)) return undefined;
  const isMatching = parts.every(
    (part, index) =>
      part === "+" ||
      part === path[index] ||
      (isPrefix && index === parts.length - 1 && path[index]?.startsWith(part)),
  );
  if (!isMatching) return undefined;
  const wildcards = parts.filter((part) => part === "+").length;
  return { first: rule.indexOf("+"), isPrefix, wildcards, text };
}
