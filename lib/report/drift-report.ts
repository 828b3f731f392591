import { z } from "zod";
import { errorReport } from "./error-report";
import { difference } from "./finding";

const rootCause = difference.extend({
  follows: z.array(difference).describe("The findings that follow from it and are fixed with it."),
});

const set = z.object({ finding: rootCause, reason: z.string(), until: z.iso.date().exactOptional() });

/** The output of `drift --json`. A new field keeps the version; a removed or changed field raises it. */
export const driftReport = z.object({
  version: z.literal(1),
  instance: z.string(),
  started: z.iso.datetime(),
  program: z.string().exactOptional().describe("The version of the program."),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  outcome: z
    .enum(["clean", "drift", "not-applied", "undetermined"])
    .describe("The first that applies of `drift`, `undetermined`, `not-applied` and `clean`."),
  findings: z.array(rootCause).describe("Root causes, the most severe first."),
  known: z.array(rootCause).describe("The findings that the baseline has as well."),
  ignored: z.array(set).describe("The findings that the ignore file names."),
  skipped: z
    .array(
      z.object({
        what: z.string(),
        because: z.string(),
        known: z
          .boolean()
          .exactOptional()
          .describe(
            "Set if it does not count for the outcome: the baseline has it as well, or an external Vault does not show it.",
          ),
      }),
    )
    .describe("What could not be inspected because of another problem, or because it is not permitted."),
  done: z.array(z.string()).exactOptional().describe("The steps that `--fix` took before this report."),
  unmanaged: z.array(z.string()).describe("Unmanaged things in Vault: they belong to the user."),
});

export type DriftReport = z.output<typeof driftReport>;
type DriftOutcome = DriftReport["outcome"];
export type ReportedFinding = DriftReport["findings"][number];

/** The output of `drift --all --json`. */
const driftReports = z.object({
  version: z.literal(1),
  instances: z.array(driftReport),
  failed: z
    .array(z.object({ instance: z.string(), error: errorReport.shape.error }))
    .describe("Instances that could not be inspected, each with the error of a command with `--json`."),
});
export type DriftReports = z.output<typeof driftReports>;

/** The outcome of all findings together. Without findings, it is `clean` only if nothing was skipped that is not known. */
export function outcomeOf(
  findings: readonly Pick<ReportedFinding, "kind">[],
  skipped: readonly Pick<DriftReport["skipped"][number], "known">[],
): DriftOutcome {
  const has = (kind: ReportedFinding["kind"]) => findings.some((finding) => finding.kind === kind);
  if (has("drift")) return "drift";
  if (has("unknown") || skipped.some(({ known }) => !known)) return "undetermined";
  return has("declaration") ? "not-applied" : "clean";
}
