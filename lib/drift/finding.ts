import { defined } from "../core/defined";
import { plainLine } from "../core/plain-text";
import type { Difference, Severity } from "../report/finding";

export type Fix = Difference["fix"];

/** A difference, before those that follow from another one are put under it. */
export interface Finding extends Readonly<Difference> {
  /** Ids of findings that follow from this one; `*` stands for any part of an id. */
  readonly explains?: readonly string[];
}

/** `drift --fix` fixes it. */
export const byFix: Fix = { by: "command", command: "openclaw-openrouter drift --fix" };
/** A person must fix it, because data would be lost or it is outside the instance. */
export const byPerson = (command: string): Fix => ({ by: "person", command });

/** What a finding says; the rest follows from it. */
export interface DriftProps extends Pick<Finding, "summary" | "field" | "expected" | "actual" | "explains"> {
  /** @default drift */
  readonly kind?: Finding["kind"];
  /** A text is for a person. @default `--fix` fixes it */
  readonly fix?: Fix | string | undefined;
  readonly since?: string | undefined;
  /** What was expected, what is there instead, and the path of the field in the subject if it is one. */
  readonly compared?: readonly [expected: string, actual: string, field?: string | undefined];
}

/** Creates a finding. */
export function drift(
  id: string,
  severity: Severity,
  subject: string,
  { kind = "drift", fix = byFix, since, compared, ...finding }: DriftProps,
): Finding {
  const [expected, actual, field] = compared ?? [];
  return {
    // Both can hold a file's name, and a line break in one would begin a line of the report.
    id: plainLine(id),
    kind,
    severity,
    subject: plainLine(subject),
    fix: typeof fix === "string" ? byPerson(fix) : fix,
    ...finding,
    ...defined({ since, field, expected, actual }),
  };
}

/** Creates a finding of something that is missing. */
export function gone(id: string, severity: Severity, subject: string, finding: DriftProps): Finding {
  return drift(id, severity, subject, { ...finding, compared: ["there", "gone"] });
}

/** The reason that a probe was skipped. The problem behind it is a finding of its own. */
export class ProbeSkipped extends Error {}
