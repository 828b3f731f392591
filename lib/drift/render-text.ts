import { type Colours, canvas, hanging, labelled, type RenderOptions } from "../report/text";
import type { Severity } from "./finding";
import type { DriftReport, ReportedFinding } from "./report";

const marks: Record<Severity, string> = { critical: "✖", major: "✖", minor: "!" };

/** The number of consequences shown per finding. */
const shownConsequences = 4;

/** The report for a person: each root cause with its difference and fix, then the rest, then a line of summary. */
export function renderDriftReport(report: DriftReport, options: RenderOptions): string {
  const { colours, columns } = canvas(options);
  const sections = [
    ...report.findings.map((finding) => renderFinding(finding, columns, colours)),
    ...aside(report, columns, colours),
  ];
  return [...sections.map((lines) => [...lines, ""].join("\n")), summarise(report, colours)].join("\n");
}

function renderFinding(finding: ReportedFinding, columns: number, colours: Colours): string[] {
  const { id, severity, summary, field, expected, actual, since, fix, follows, kind } = finding;
  const paint = severity === "minor" || kind === "declaration" ? colours.yellow : colours.red;
  const mark = kind === "unknown" ? "?" : marks[severity];
  const label = (name: string, text: string, colour: (line: string) => string) =>
    labelled(name, text, columns, colour, 8);
  return [
    `${paint(mark)} ${colours.bold(id)}`,
    ...hanging("    ", summary, columns),
    ...(field ? label("field", field, colours.dim) : []),
    ...(expected === undefined ? [] : label("expected", expected, colours.dim)),
    ...(actual === undefined ? [] : label("actual", actual, colours.dim)),
    ...(since ? label("since", `${since.slice(0, 19).replace("T", " ")} UTC`, colours.dim) : []),
    ...(follows.length > 0 ? label("explains", consequences(follows), colours.dim) : []),
    ...label("fix", fix.command, colours.cyan),
  ];
}

function consequences(follows: ReportedFinding["follows"]): string {
  const ids = follows.slice(0, shownConsequences).map(({ id }) => id);
  const more = follows.length - ids.length;
  return more > 0 ? `${ids.join(", ")} and ${more} more` : ids.join(", ");
}

/** The parts of a report that are not findings. */
function aside(report: DriftReport, columns: number, colours: Colours): string[][] {
  const { skipped, ignored, known, unmanaged } = report;
  const because = [...new Set(skipped.map((each) => each.because))];
  const lines = [
    ...because.map((reason) => {
      const what = skipped.filter((each) => each.because === reason).map((each) => each.what);
      return `Skipped, since ${reason}: ${what.join(", ")}`;
    }),
    ...ignored.map(({ finding, reason, until }) => `Ignored until ${until}: ${finding.id} (${reason})`),
    ...(known.length > 0 ? [`In the baseline: ${known.map(({ id }) => id).join(", ")}`] : []),
    ...(unmanaged.length > 0 ? [`Unmanaged in this Vault: ${unmanaged.join(", ")}`] : []),
  ];
  if (lines.length === 0) return [];
  return [lines.flatMap((line) => hanging("– ", line, columns, colours.dim))];
}

function summarise({ instance, outcome, findings, durationMs }: DriftReport, colours: Colours): string {
  const many = (count: number) => `${count} ${count === 1 ? "finding" : "findings"}`;
  const verdicts = {
    clean: colours.green(`No drift of the instance ${instance}`),
    drift: colours.red(`Drift of the instance ${instance}: ${many(findings.length)}`),
    "not-applied": colours.yellow(
      `The settings of the instance ${instance} were changed and not applied: ${many(findings.length)}`,
    ),
    undetermined: colours.red(`Whether the instance ${instance} drifted could not be determined`),
  };
  return `${colours.bold(verdicts[outcome])} (${(durationMs / 1000).toFixed(1)} s).`;
}
