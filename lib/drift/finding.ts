import type { Difference } from "../report/finding";

export type Fix = Difference["fix"];

/** A difference, before those that follow from another one are put under it. */
export interface Finding extends Readonly<Difference> {
  /** Ids of findings that follow from this one; `*` stands for any part of an id. */
  readonly explains?: readonly string[];
}

export const driftFixCommand = "openclaw-openrouter drift --fix";
/** `drift --fix` fixes it. */
export const byFix: Fix = { by: "command", command: driftFixCommand };
/** A person must fix it, because data would be lost or it is outside the instance. */
export const byPerson = (command: string): Fix => ({ by: "person", command });

type DriftProps = Omit<Finding, "kind" | "fix"> & { readonly fix?: Fix };

/** Creates a finding of drift; by default `--fix` fixes it. */
export function drift({ fix = byFix, ...finding }: DriftProps): Finding {
  return { kind: "drift", fix, ...finding };
}

/** The reason that a probe was skipped. The problem behind it is a finding of its own. */
export class ProbeSkipped extends Error {}
