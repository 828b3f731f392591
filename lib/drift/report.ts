import { z } from "zod";
import { severities } from "./finding";

const fix = z.object({
  by: z
    .enum(["command", "person"])
    .describe(
      "`command`: `drift --fix` fixes it. `person`: a person must fix it, because data would be lost or it is outside the instance.",
    ),
  command: z.string().describe("A command if one exists, else what to do."),
});

const finding = z.object({
  id: z.string().describe("Stable, because baselines and ignore files name it."),
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
  subject: z.string().describe("The resource or thing."),
  summary: z.string().describe("The difference in one sentence."),
  field: z.string().exactOptional().describe("The path of the field in the subject."),
  expected: z.string().exactOptional(),
  actual: z.string().exactOptional(),
  since: z.string().exactOptional().describe("The time since when it differs, if known."),
  fix,
});

const rootCause = finding.extend({
  follows: z.array(finding).describe("The findings that follow from it and are fixed with it."),
});

const set = z.object({ finding: rootCause, reason: z.string(), until: z.iso.date().exactOptional() });

/** The output of `drift --json`. A new field keeps the version; a removed or changed field raises it. */
export const driftReport = z.object({
  version: z.literal(1),
  instance: z.string(),
  started: z.iso.datetime(),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  outcome: z
    .enum(["clean", "drift", "not-applied", "undetermined"])
    .describe("The first that applies of `drift`, `undetermined`, `not-applied` and `clean`."),
  findings: z.array(rootCause).describe("Root causes, the most severe first."),
  known: z.array(rootCause).describe("The findings that the baseline has as well."),
  ignored: z.array(set).describe("The findings that the ignore file names."),
  skipped: z
    .array(z.object({ what: z.string(), because: z.string() }))
    .describe("What could not be inspected because of another problem."),
  done: z.array(z.string()).exactOptional().describe("The steps that `--fix` took before this report."),
  unmanaged: z.array(z.string()).describe("Unmanaged things in Vault: they belong to the user."),
});

export type DriftReport = z.output<typeof driftReport>;
export type DriftOutcome = DriftReport["outcome"];
export type ReportedFinding = DriftReport["findings"][number];

/** The output of `drift --all --json`. */
export const driftReports = z.object({
  version: z.literal(1),
  instances: z.array(driftReport),
  failed: z
    .array(z.object({ instance: z.string(), problem: z.string(), exitCode: z.int() }))
    .describe("Instances that could not be inspected."),
});
export type DriftReports = z.output<typeof driftReports>;

/**
 * The outcome of all findings together. Without findings, it is `clean` only if nothing was skipped.
 */
export function outcomeOf(
  findings: readonly Pick<ReportedFinding, "kind">[],
  isAllInspected: boolean,
): DriftOutcome {
  const has = (kind: ReportedFinding["kind"]) => findings.some((finding) => finding.kind === kind);
  if (has("drift")) return "drift";
  if (has("unknown") || !isAllInspected) return "undetermined";
  return has("declaration") ? "not-applied" : "clean";
}
