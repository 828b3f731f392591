import { z } from "zod";
import { defined } from "../core/defined";

/** What a finding of every report has: of a check, of drift, of `doctor`. */
const finding = z.object({
  id: z.string().describe("Stable, because settings, baselines and ignore files name it."),
  summary: z.string().describe("The result in short."),
});

/** Whether something works: the result of a check, or of a requirement of a deploy. */
export const judged = finding.extend({
  status: z
    .enum(["pass", "warn", "fail", "skip"])
    .describe("`skip`: the check was not run; `summary` gives the reason."),
  details: z.array(z.string()).exactOptional().describe("Further results, none of them a problem."),
  fix: z.string().exactOptional().describe("How to fix it; only with `warn` and `fail`."),
});
export type Judged = z.output<typeof judged>;
export type Status = Judged["status"];

/** A finding before the report gives it the id of what was inspected. */
export type Verdict = Omit<Judged, "id"> & {
  /** Of a warning that the settings can accept: its name, among those of its check. */
  readonly warning?: string;
  /** Of several verdicts that were combined: those that did not pass. */
  readonly problems?: readonly Verdict[];
};

/** @param summary fits on one line of a terminal */
export const pass = (summary: string): Verdict => ({ status: "pass", summary });
export const warn = (summary: string, fix?: string): Verdict => withFix("warn", summary, fix);
export const fail = (summary: string, fix?: string): Verdict => withFix("fail", summary, fix);
export const skip = (summary: string): Verdict => ({ status: "skip", summary });

function withFix(status: Status, summary: string, fix: string | undefined): Verdict {
  return defined({ status, summary, fix });
}

/** The most problems that a summary tells: nobody reads more. The details have the rest. */
const mostTold = 8;

/**
 * Combines several verdicts into one: the most severe status, and the fixes of all that did not pass. These make up the
 * summary, and the others become details.
 * @param summary the summary if all pass
 * @param found the verdicts; undefined or false for one that does not apply
 */
export function combine(summary: string, found: readonly (Verdict | undefined | false)[]): Verdict {
  const verdicts = found.flatMap((each) => each || []);
  const isFailure = ({ status }: Verdict) => Number(status === "fail");
  const unsorted = verdicts.filter(({ status }) => status !== "pass");
  // Where not all are told, a failure is.
  const problems =
    unsorted.length > mostTold ? unsorted.toSorted((a, b) => isFailure(b) - isFailure(a)) : unsorted;
  const told = problems.slice(0, mostTold);
  const rest = problems.slice(mostTold).map((each) => each.summary);
  const passed = verdicts.filter(({ status }) => status === "pass").map((each) => each.summary);
  const details = [...passed, ...rest];
  const more = rest.length > 0 ? [`and ${rest.length} more`] : [];
  const fixes = [...new Set(told.flatMap(({ fix }) => fix ?? []))];
  return {
    status: problems.some(({ status }) => status === "fail") ? "fail" : problems.length > 0 ? "warn" : "pass",
    summary: problems.length > 0 ? [...told.map((each) => each.summary), ...more].join("; ") : summary,
    ...(details.length > 0 ? { details } : {}),
    ...(fixes.length > 0 ? { fix: fixes.join("\n") } : {}),
    ...(problems.some(({ warning }) => warning !== undefined) ? { problems } : {}),
  };
}

/** The severities of a difference, the most severe first. */
export const severities = ["critical", "major", "minor"] as const;
export type Severity = (typeof severities)[number];

/** The order in which the most severe comes first. */
export function bySeverity(
  one: { readonly severity: Severity },
  other: { readonly severity: Severity },
): number {
  return severities.indexOf(one.severity) - severities.indexOf(other.severity);
}

/** How something differs from what was deployed. It contains no secret. */
export const difference = finding.extend({
  kind: z
    .enum(["drift", "declaration", "unknown"])
    .describe(
      "`drift`: the actual state differs from the deployed one. `declaration`: the settings changed and are not applied. `unknown`: the state could not be determined.",
    ),
  severity: z
    .enum(severities)
    .describe(
      "`critical`: the key, or its protection, is at risk. `major`: something does not work. `minor`: any other difference.",
    ),
  subject: z.string().describe("The resource or thing, such as `container vault`."),
  field: z.string().exactOptional().describe("The path of the field in the subject."),
  expected: z.string().exactOptional(),
  actual: z.string().exactOptional(),
  since: z.string().exactOptional().describe("The time since when it differs, if known, ISO 8601."),
  fix: z.object({
    by: z
      .enum(["command", "person"])
      .describe(
        "`command`: `drift --fix` fixes it. `person`: a person must fix it, because data would be lost or it is outside the instance.",
      ),
    command: z.string().describe("A command if one exists, else what to do."),
  }),
});
export type Difference = z.output<typeof difference>;
