import { z } from "zod";
import { severities } from "./finding";

const fix = z.object({
  by: z
    .enum(["command", "person"])
    .describe("`command`: `drift --fix` does it; `person`: data would be lost, or it lies elsewhere."),
  command: z.string().describe("A command where one exists."),
});

const finding = z.object({
  id: z.string().describe("Stable: baselines and ignore files name it."),
  kind: z
    .enum(["drift", "declaration", "unknown"])
    .describe(
      "`drift`: reality is not what was deployed. `declaration`: the settings were changed and not applied. `unknown`: it could not be determined.",
    ),
  severity: z
    .enum(severities)
    .describe(
      "`critical`: the key, or what guards it, is at risk. `major`: something does not work. `minor`: it differs.",
    ),
  subject: z.string().describe("The resource, or the thing."),
  summary: z.string().describe("In one sentence."),
  field: z.string().exactOptional().describe("The path of the field in the subject."),
  expected: z.string().exactOptional(),
  actual: z.string().exactOptional(),
  since: z.string().exactOptional().describe("Since when, where it is known."),
  fix,
});

const rootCause = finding.extend({
  follows: z.array(finding).describe("What follows from it, and goes with it."),
});

const set = z.object({ finding: rootCause, reason: z.string(), until: z.iso.date().exactOptional() });

/** What `drift --json` prints. A field that is added leaves the version; one that goes or changes raises it. */
export const driftReport = z.object({
  version: z.literal(1),
  instance: z.string(),
  started: z.iso.datetime(),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  outcome: z
    .enum(["clean", "drift", "not-applied", "undetermined"])
    .describe("The worst: `drift`, then `undetermined`, then `not-applied`, then `clean`."),
  findings: z.array(rootCause).describe("Root causes, the most severe first."),
  known: z.array(rootCause).describe("Those that stand in the baseline as well."),
  ignored: z.array(set).describe("Those that the ignore file names."),
  skipped: z
    .array(z.object({ what: z.string(), because: z.string() }))
    .describe("What something else stands in the way of."),
  done: z.array(z.string()).exactOptional().describe("What `--fix` did, before this was found."),
  unmanaged: z.array(z.string()).describe("What is in Vault besides ours: it belongs to the user."),
});

export type DriftReport = z.output<typeof driftReport>;
export type DriftOutcome = DriftReport["outcome"];
export type ReportedFinding = DriftReport["findings"][number];

/** What `drift --all --json` prints. */
export const driftReports = z.object({
  version: z.literal(1),
  instances: z.array(driftReport),
  failed: z
    .array(z.object({ instance: z.string(), problem: z.string(), exitCode: z.int() }))
    .describe("Instances of which nothing could be determined."),
});
export type DriftReports = z.output<typeof driftReports>;

/**
 * The outcome of all findings together. What could not be looked at, with nothing found that stands in its way, is no
 * "clean".
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
