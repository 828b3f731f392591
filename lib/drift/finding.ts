export const severities = ["critical", "major", "minor"] as const;
/** `critical`: the key, or what guards it, is at risk. `major`: something does not work. `minor`: it differs. */
export type Severity = (typeof severities)[number];

/**
 * `drift`: reality is not what was deployed. `declaration`: the settings were changed since, and not applied.
 * `unknown`: it could not be determined.
 */
export type FindingKind = "drift" | "declaration" | "unknown";

/** Who fixes it: `drift --fix`, or a person, since data would be lost or it lies elsewhere. */
export interface Fix {
  readonly by: "command" | "person";
  /** A command where one exists. */
  readonly command: string;
}

/** One thing that differs. Nothing in it is a secret. */
export interface Finding {
  /** Stable: baselines and ignore files name it. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** The resource, or the thing, such as `container vault`. */
  readonly subject: string;
  /** In one sentence. */
  readonly summary: string;
  /** The path of the field in the subject. */
  readonly field?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** ISO 8601, where it is known. */
  readonly since?: string;
  readonly fix: Fix;
  /** Ids of findings that follow from this one; `*` stands for any part of an id. */
  readonly explains?: readonly string[];
}

export const driftFixCommand = "openclaw-openrouter drift --fix";
export const byFix: Fix = { by: "command", command: driftFixCommand };
export const byPerson = (command: string): Fix => ({ by: "person", command });

type DriftProps = Omit<Finding, "kind" | "fix"> & { readonly fix?: Fix };

/** Reality is not what was deployed. By default `--fix` fixes it. */
export function drift({ fix = byFix, ...finding }: DriftProps): Finding {
  return { kind: "drift", fix, ...finding };
}

/** Why something was skipped: what stands in the way is a finding of its own. */
export class ProbeSkipped extends Error {}
