import { cell } from "../report/markdown";
import type { DriftReport, ReportedFinding } from "./report";

const marks = { critical: "🔴", major: "🟠", minor: "🟡" } as const;

const titles: Record<DriftReport["outcome"], string> = {
  clean: "no drift",
  drift: "drift",
  "not-applied": "settings not applied",
  undetermined: "could not be determined",
};

/** The report as a Markdown table, for a job's summary or an issue. */
export function renderDriftMarkdown(report: DriftReport): string {
  const { instance, outcome, findings, started, durationMs } = report;
  const table = findings.length > 0 ? `${header}\n${findings.map(row).join("\n")}\n\n` : "";
  const asides = aside(report)
    .map((line) => `- ${cell(line)}\n`)
    .join("");
  return `### Drift of the instance ${instance}: ${titles[outcome]}

${table}${asides}${asides && "\n"}Started ${started}, took ${(durationMs / 1000).toFixed(1)} s.
`;
}

const header = "| | Finding | What differs |\n| --- | --- | --- |";

function row(finding: ReportedFinding): string {
  const { severity, id, summary, field, expected, actual, since, follows, fix } = finding;
  const parts = [
    summary,
    ...(field ? [`Field: ${field}`] : []),
    ...(expected === undefined ? [] : [`Expected: ${expected}`]),
    ...(actual === undefined ? [] : [`Actual: ${actual}`]),
    ...(since ? [`Since: ${since}`] : []),
    ...(follows.length > 0 ? [`Explains: ${follows.map((other) => other.id).join(", ")}`] : []),
  ];
  const text = parts.map(cell).join("<br>");
  return `| ${marks[severity]} ${severity} | ${cell(id)} | ${text}<br>**Fix:** ${cell(fix.command)} |`;
}

function aside({ known, ignored, skipped, unmanaged }: DriftReport): string[] {
  return [
    ...skipped.map(({ what, because }) => `Skipped: ${what}, since ${because}`),
    ...known.map(({ id }) => `In the baseline: ${id}`),
    ...ignored.map(({ finding, reason, until }) => `Ignored until ${until}: ${finding.id} (${reason})`),
    ...(unmanaged.length > 0 ? [`Unmanaged in this Vault: ${unmanaged.join(", ")}`] : []),
  ];
}
