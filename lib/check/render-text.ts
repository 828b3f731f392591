import { usd } from "../openrouter/money";
import { type Colours, canvas, hanging, labelled, type RenderOptions } from "../report/text";
import type { CheckReport, CheckResult, CheckStatus } from "./report";

const marks: Record<CheckStatus, string> = { pass: "✔", warn: "!", fail: "✖", skip: "–" };

/** The report for a person: one line per check, the fix under each that needs one, and a line of totals. */
export function renderReport(report: CheckReport, options: RenderOptions): string {
  const { colours, columns } = canvas(options);
  const paint = { pass: colours.green, warn: colours.yellow, fail: colours.red, skip: colours.dim };
  const idWidth = Math.max(...report.results.map(({ id }) => id.length));
  const lines = report.results.flatMap((result) => {
    const first = `${marks[result.status]} ${result.id.padEnd(idWidth)}  `;
    const text = result.status === "skip" ? colours.dim : (line: string) => line;
    const [head = "", ...rest] = hanging(first, result.summary, columns, text);
    return [
      `${paint[result.status](marks[result.status])}${head.slice(1)}`,
      ...rest,
      ...advice(result, columns, colours),
    ];
  });
  return [...lines, "", summarise(report, colours)].join("\n");
}

function advice({ status, why, fix }: CheckResult, columns: number, colours: Colours): string[] {
  if (status !== "fail" && status !== "warn") return [];
  return [
    ...labelled("why", why, columns, colours.dim),
    ...(fix ? labelled("fix", fix, columns, colours.cyan) : []),
  ];
}

function summarise({ results, outcome, costUsd }: CheckReport, colours: Colours): string {
  const count = (status: CheckStatus) => results.filter((result) => result.status === status).length;
  const parts = [
    `${count("pass")} passed`,
    ...(count("warn") ? [colours.yellow(`${count("warn")} warned`)] : []),
    ...(count("fail") ? [colours.red(`${count("fail")} failed`)] : []),
    ...(count("skip") ? [`${count("skip")} not tried`] : []),
  ];
  const verdicts = {
    pass: "Check passed",
    warn: "Check passed with warnings",
    fail: "Check failed",
  };
  const colour = { pass: colours.green, warn: colours.yellow, fail: colours.red }[outcome];
  return `${colour(colours.bold(verdicts[outcome]))}: ${parts.join(", ")}; cost ${usd(costUsd)}.`;
}
