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

interface DriftProps extends Omit<Finding, "kind" | "fix"> {
  /** @default drift */
  readonly kind?: Finding["kind"];
  /** @default `--fix` fixes it */
  readonly fix?: Fix;
  /** What was expected, what is there instead, and the path of the field in the subject if it is one. */
  readonly compared?: readonly [expected: string, actual: string, field?: string];
}

/** Creates a finding. */
export function drift({ kind = "drift", fix = byFix, compared, ...finding }: DriftProps): Finding {
  const [expected, actual, field] = compared ?? [];
  return {
    kind,
    fix,
    ...finding,
    ...(field === undefined ? {} : { field }),
    ...(expected === undefined || actual === undefined ? {} : { expected, actual }),
  };
}

/** Creates a finding of something that is missing. */
export function gone(finding: DriftProps): Finding {
  return drift({ ...finding, compared: ["there", "gone"] });
}

/** The reason that a probe was skipped. The problem behind it is a finding of its own. */
export class ProbeSkipped extends Error {}
