import { UserError } from "../core/errors";
import { counted, hanging } from "../core/text";
import type { DriftReport, DriftReports, ReportedFinding } from "../report/drift-report";
import { type JunitCase, renderJunitSuite } from "../report/junit";
import { cell, cellWithFix, renderMarkdownReport } from "../report/markdown";
import { canvas, type Fact, type RenderOptions, renderFacts } from "../report/text";

type FailedInstance = DriftReports["failed"][number];

/** The number of consequences shown per finding in text. */
const shownConsequences = 4;

/** What a finding says besides its summary, without what is unknown. */
function factsOf({ field, expected, actual, since, follows, fix }: ReportedFinding) {
  const explains = follows.map(({ id }) => id).join(", ") || undefined;
  return Object.entries({ field, expected, actual, since, explains, fix: fix.command }).filter(
    (fact): fact is [string, string] => fact[1] !== undefined,
  );
}

/** The report for a person: each root cause with its difference and fix, then the rest, then a line of summary. */
export function renderDriftReport(report: DriftReport, options: RenderOptions): string {
  const { instance, outcome, findings, known, skipped, durationMs } = report;
  const { colours, columns } = canvas(options);
  const reasons = [...new Set(skipped.map(({ because }) => because))].map((reason) => {
    const what = skipped.filter(({ because }) => because === reason).map((each) => each.what);
    return `Skipped, since ${reason}: ${what.join(", ")}`;
  });
  const baseline = known.length > 0 ? [known.map(({ id }) => id).join(", ")] : [];
  const others = asides(report, reasons, baseline);
  const sections = [
    ...findings.map((finding) => renderFinding(finding, options)),
    others.flatMap((line) => hanging("– ", line, columns, colours.dim)),
  ];
  const many = counted(findings.length, "finding");
  const verdict = {
    clean: colours.green(`No drift of the instance ${instance}`),
    drift: colours.red(`Drift of the instance ${instance}: ${many}`),
    "not-applied": colours.yellow(
      `The settings of the instance ${instance} were changed and not deployed: ${many}`,
    ),
    undetermined: colours.red(`Whether the instance ${instance} drifted could not be determined`),
  }[outcome];
  return [
    ...sections.filter((lines) => lines.length > 0).map((lines) => [...lines, ""].join("\n")),
    `${colours.bold(verdict)} (${(durationMs / 1000).toFixed(1)} s).`,
  ].join("\n");
}

function renderFinding(finding: ReportedFinding, options: RenderOptions): string[] {
  const { colours, columns } = canvas(options);
  const { id, severity, summary, since, follows, kind } = finding;
  const paint = severity === "minor" || kind === "declaration" ? colours.yellow : colours.red;
  const mark = kind === "unknown" ? "?" : severity === "minor" ? "!" : "✖";
  const ids = follows.slice(0, shownConsequences).map(({ id }) => id);
  const more = follows.length - ids.length;
  const short: Record<string, string> = {
    since: `${since?.slice(0, 19).replace("T", " ")} UTC`,
    explains: more > 0 ? `${ids.join(", ")} and ${more} more` : ids.join(", "),
  };
  const facts = factsOf(finding).map(([label, text]): Fact => [label, short[label] ?? text]);
  return [
    `${paint(mark)} ${colours.bold(id)}`,
    ...hanging("    ", summary, columns),
    ...renderFacts(facts, 8, { colours, columns }),
  ];
}

/** The parts of a report that are not findings. @param skipped those that were skipped, and the known ones */
function asides({ ignored, unmanaged }: DriftReport, skipped: readonly string[], known: readonly string[]) {
  return [
    ...skipped,
    ...ignored.map(({ finding, reason, until }) => `Ignored until ${until}: ${finding.id} (${reason})`),
    ...known.map((ids) => `In the baseline: ${ids}`),
    ...(unmanaged.length > 0 ? [`Unmanaged in this Vault: ${unmanaged.join(", ")}`] : []),
  ];
}

const marks = { critical: "🔴", major: "🟠", minor: "🟡" } as const;

const titles: Record<DriftReport["outcome"], string> = {
  clean: "no drift",
  drift: "drift",
  "not-applied": "settings not deployed",
  undetermined: "could not be determined",
};

/** The report as a Markdown table. */
export function renderDriftMarkdown(report: DriftReport): string {
  const { instance, outcome, findings, known, skipped, started, durationMs } = report;
  return renderMarkdownReport({
    title: `Drift of the instance ${instance}: ${titles[outcome]}`,
    head: ["", "Finding", "What differs"],
    rows: findings.map((finding) => {
      const { severity, id, summary, fix } = finding;
      const facts = factsOf(finding).filter(([label]) => label !== "fix");
      const texts = facts.map(([label, text]) => `${label[0]?.toUpperCase()}${label.slice(1)}: ${text}`);
      return [`${marks[severity]} ${severity}`, cell(id), cellWithFix([summary, ...texts], fix.command)];
    }),
    asides: asides(
      report,
      skipped.map(({ what, because }) => `Skipped: ${what}, since ${because}`),
      known.map(({ id }) => id),
    ),
    foot: `Started ${started}, took ${(durationMs / 1000).toFixed(1)} s.`,
  });
}

/** Why an instance could not be inspected, for a person: the problem, what was got and expected, the fix. */
export function renderFailed({ instance, error }: FailedInstance): string {
  return `✖ ${instance}: ${new UserError(error).message}`;
}

/** An instance that could not be inspected, in Markdown. */
export function renderFailedMarkdown({ instance, error }: FailedInstance): string {
  return `### Drift of the instance ${instance}: ${titles.undetermined}\n\n- ${cell(new UserError(error).message)}\n`;
}

/**
 * Reports as JUnit XML: a failed case per finding, a skipped case per skipped, known or ignored one, and a passed case for an
 * instance without any of these.
 * @param failed the instances that could not be inspected: a failed case each
 */
export function renderDriftJunit(
  reports: readonly DriftReport[],
  failed: readonly FailedInstance[] = [],
): string {
  const cases = reports.flatMap((report) =>
    outcomesOf(report).map(([name, outcome]) => ({ classname: report.instance, name, time: 0, outcome })),
  );
  const uninspected = failed.map(({ instance, error }): JunitCase => {
    const details = new UserError(error).message;
    const outcome = { is: "failed", message: titles.undetermined, details } as const;
    return { classname: instance, name: "drift", time: 0, outcome };
  });
  return renderJunitSuite({
    name: "openclaw-openrouter drift",
    timestamp: reports[0]?.started ?? new Date().toISOString(),
    time: reports.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000,
    cases: [...cases, ...uninspected],
  });
}

function outcomesOf({ findings, known, ignored, skipped }: DriftReport): [string, JunitCase["outcome"]][] {
  const skip = (name: string, message: string): [string, JunitCase["outcome"]] => [
    name,
    { is: "skipped", message },
  ];
  const outcomes = [
    ...findings.map((finding): [string, JunitCase["outcome"]] => {
      const facts = factsOf(finding).filter(([label]) => ["expected", "actual", "fix"].includes(label));
      const details = facts.map(([label, text]) => `${label}: ${text}`).join("\n");
      return [finding.id, { is: "failed", message: finding.summary, details }];
    }),
    ...known.map(({ id }) => skip(id, "in the baseline")),
    ...ignored.map(({ finding, reason, until }) => skip(finding.id, `ignored until ${until}: ${reason}`)),
    ...skipped.map(({ what, because }) => skip(what, because)),
  ];
  return outcomes.length > 0 ? outcomes : [["drift", { is: "passed", output: "no drift" }]];
}
