import { type JunitCase, renderJunitSuite } from "../report/junit";
import type { DriftReport, ReportedFinding } from "./report";

/**
 * Reports as JUnit XML: a failed case per finding, a skipped case per skipped, known or ignored one, and a passed case for an
 * instance without any of these.
 */
export function renderDriftJunit(reports: readonly DriftReport[]): string {
  return renderJunitSuite({
    name: "openclaw-openrouter drift",
    timestamp: reports[0]?.started ?? new Date().toISOString(),
    time: reports.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000,
    cases: reports.flatMap(casesOf),
  });
}

function casesOf(report: DriftReport): JunitCase[] {
  const { instance, findings, known, ignored, skipped } = report;
  const make = (name: string, outcome: JunitCase["outcome"]): JunitCase => ({
    classname: instance,
    name,
    time: 0,
    outcome,
  });
  const cases = [
    ...findings.map((finding) =>
      make(finding.id, { is: "failed", message: finding.summary, details: details(finding) }),
    ),
    ...known.map(({ id }) => make(id, { is: "skipped", message: "in the baseline" })),
    ...ignored.map(({ finding, reason, until }) =>
      make(finding.id, { is: "skipped", message: `ignored until ${until}: ${reason}` }),
    ),
    ...skipped.map(({ what, because }) => make(what, { is: "skipped", message: because })),
  ];
  return cases.length > 0 ? cases : [make("drift", { is: "passed", output: "no drift" })];
}

function details({ expected, actual, fix }: ReportedFinding): string {
  return [
    ...(expected === undefined ? [] : [`expected: ${expected}`]),
    ...(actual === undefined ? [] : [`actual: ${actual}`]),
    `fix: ${fix.command}`,
  ].join("\n");
}
