import pc from "picocolors";
import { wrap } from "../text";
import { usd } from "./money";
import type { CheckReport, CheckResult, CheckStatus } from "./report";

export interface RenderOptions {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

const marks: Record<CheckStatus, string> = { pass: "✔", warn: "!", fail: "✖", skip: "–" };

/** The report for a person: a line a check, remedies under those that need them, one line of sum. */
export function renderReport(report: CheckReport, { colour, width }: RenderOptions): string {
  const colours = pc.createColors(colour);
  const paint = { pass: colours.green, warn: colours.yellow, fail: colours.red, skip: colours.dim };
  const columns = Math.max(40, width);
  const idWidth = Math.max(...report.results.map(({ id }) => id.length));
  const lines = report.results.flatMap((result) => {
    const first = `${marks[result.status]} ${result.id.padEnd(idWidth)}  `;
    const [head = "", ...rest] = wrap(result.seen, columns - first.length);
    const indent = " ".repeat(first.length);
    const text = result.status === "skip" ? colours.dim : (line: string) => line;
    return [
      `${paint[result.status](marks[result.status])}${first.slice(1)}${text(head)}`,
      ...rest.map((line) => `${indent}${text(line)}`),
      ...advice(result, columns, colours),
    ];
  });
  return [...lines, "", summarise(report, colours)].join("\n");
}

type Colours = ReturnType<typeof pc.createColors>;

function advice({ status, why, remedy }: CheckResult, columns: number, colours: Colours): string[] {
  if (status !== "fail" && status !== "warn") return [];
  return [
    ...labelled("why", why, columns, colours.dim),
    ...(remedy ? labelled("mend", remedy, columns, colours.cyan) : []),
  ];
}

function labelled(label: string, text: string, columns: number, colour: (line: string) => string): string[] {
  const indent = `    ${label.padEnd(4)}  `;
  return text
    .split("\n")
    .flatMap((paragraph) => wrap(paragraph, columns - indent.length))
    .map((line, index) => `${index === 0 ? indent : " ".repeat(indent.length)}${colour(line)}`);
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
