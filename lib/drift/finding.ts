export const severities = ["critical", "major", "minor"] as const;
/** `critical`: the key, or its protection, is at risk. `major`: something does not work. `minor`: any other difference. */
export type Severity = (typeof severities)[number];

/**
 * `drift`: the actual state differs from the deployed one. `declaration`: the settings changed since and are not applied.
 * `unknown`: the state could not be determined.
 */
export type FindingKind = "drift" | "declaration" | "unknown";

/** Who fixes it: `drift --fix`; or a person, because data would be lost or it is outside the instance. */
export interface Fix {
  readonly by: "command" | "person";
  /** A command if one exists, else what to do. */
  readonly command: string;
}

/** One difference. It contains no secret. */
export interface Finding {
  /** Stable, because baselines and ignore files name it. */
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** The resource or thing, such as `container vault`. */
  readonly subject: string;
  /** The difference in one sentence. */
  readonly summary: string;
  /** The path of the field in the subject. */
  readonly field?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The time since when it differs, if known, ISO 8601. */
  readonly since?: string;
  readonly fix: Fix;
  /** Ids of findings that follow from this one; `*` stands for any part of an id. */
  readonly explains?: readonly string[];
}

export const driftFixCommand = "openclaw-openrouter drift --fix";
export const byFix: Fix = { by: "command", command: driftFixCommand };
export const byPerson = (command: string): Fix => ({ by: "person", command });

type DriftProps = Omit<Finding, "kind" | "fix"> & { readonly fix?: Fix };

/** Creates a finding of drift; by default `--fix` fixes it. */
export function drift({ fix = byFix, ...finding }: DriftProps): Finding {
  return { kind: "drift", fix, ...finding };
}

/** The reason that a probe was skipped. The problem behind it is a finding of its own. */
export class ProbeSkipped extends Error {}
