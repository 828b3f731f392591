import { usd } from "../openrouter/money";
import type { CheckReport, CheckResult } from "../report/check-report";
import type { Status } from "../report/finding";
import { type JunitCase, renderJunitSuite } from "../report/junit";
import { cellWithFix, renderMarkdownReport } from "../report/markdown";
import { canvas, type RenderOptions, renderResults } from "../report/text";

/** The report for a person: one line per check, the fix under each that needs one, and a line of totals. */
export function renderReport(report: CheckReport, options: RenderOptions): string {
  const { results, outcome, costUsd } = report;
  const { colours } = canvas(options);
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  const parts = [
    `${count("pass")} passed`,
    ...(count("warn") ? [colours.yellow(`${count("warn")} warned`)] : []),
    ...(count("fail") ? [colours.red(`${count("fail")} failed`)] : []),
    ...(count("skip") ? [`${count("skip")} not tried`] : []),
  ];
  const verdict = {
    pass: colours.green(colours.bold("Check passed")),
    warn: colours.yellow(colours.bold("Check passed with warnings")),
    fail: colours.red(colours.bold("Check failed")),
  }[outcome];
  return [
    ...renderResults(results, options),
    "",
    `${verdict}: ${parts.join(", ")}; cost ${usd(costUsd)}.`,
  ].join("\n");
}

const marks: Record<Status, string> = { pass: "✅", warn: "⚠️", fail: "❌", skip: "➖" };

/** The report as a Markdown table. */
export function renderMarkdown({ instance, started, results, outcome, costUsd }: CheckReport): string {
  return renderMarkdownReport({
    title: `Check of the instance ${instance}: ${outcome}`,
    head: ["", "Check", "Summary"],
    rows: results.map(({ id, status, summary, fix }) => [
      `${marks[status]} ${status}`,
      id,
      cellWithFix([summary], fix),
    ]),
    foot: `Started ${started}, cost ${usd(costUsd)}.`,
  });
}

/**
 * The report as JUnit XML for CI systems. A warning passes, with its text as output.
 * @param strict whether a warning is a failure
 */
export function renderJunit({ instance, started, results }: CheckReport, strict: boolean): string {
  const cases = results.map((result) => ({
    classname: instance,
    name: result.id,
    time: result.durationMs / 1000,
    outcome: outcomeOf(result, strict),
  }));
  return renderJunitSuite({ name: "openclaw-openrouter check", timestamp: started, cases });
}

function outcomeOf({ status, summary, why, fix }: CheckResult, strict: boolean): JunitCase["outcome"] {
  const advice = fix ? `${why}\n${fix}` : why;
  if (status === "skip") return { is: "skipped", message: summary };
  if (status === "fail" || (strict && status === "warn"))
    return { is: "failed", message: summary, details: advice };
  return { is: "passed", output: status === "warn" ? `warning: ${summary}\n${advice}` : summary };
}
