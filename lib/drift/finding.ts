import type { DriftContext } from "./context";

export const severities = ["critical", "major", "minor"] as const;
/** `critical`: the key, or what guards it, is at risk. `major`: something does not work. `minor`: it differs. */
export type Severity = (typeof severities)[number];

/**
 * `drift`: reality is not what was deployed. `declaration`: the settings were changed since, and not applied.
 * `unknown`: it could not be determined.
 */
export type FindingKind = "drift" | "declaration" | "unknown";

/** Who mends it: `drift --fix`, or a person, since data would be lost or it lies elsewhere. */
export interface Mend {
  readonly by: "fix" | "person";
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
  readonly seen: string;
  /** The path of the field in the subject. */
  readonly field?: string;
  readonly declared?: string;
  readonly found?: string;
  /** ISO 8601, where it is known. */
  readonly since?: string;
  readonly mend: Mend;
  /** Ids of findings that follow from this one; `*` stands for any part of an id. */
  readonly explains?: readonly string[];
}

/** One place that is looked at for what a plan cannot see. */
export interface Probe {
  readonly id: string;
  /** Whether it looks at what a Vault has that was there before, where it is its owner's. @default true */
  readonly ofExisting?: false;
  /** @throws NotLooked where something else must be mended first */
  look(context: DriftContext): Promise<readonly Finding[]>;
}

/** Why something was not looked at: what stands in the way is a finding of its own. */
export class NotLooked extends Error {}

export const fix = "openclaw-openrouter drift --fix";
export const byFix: Mend = { by: "fix", command: fix };
export const byPerson = (command: string): Mend => ({ by: "person", command });

type DriftProps = Omit<Finding, "kind" | "mend"> & { readonly mend?: Mend };

/** Reality is not what was deployed. By default `--fix` mends it. */
export function drift({ mend = byFix, ...finding }: DriftProps): Finding {
  return { kind: "drift", mend, ...finding };
}
