import { usd } from "../openrouter/money";
import { cell } from "../report/markdown";
import type { CheckReport, CheckStatus } from "./report";

const marks: Record<CheckStatus, string> = { pass: "✅", warn: "⚠️", fail: "❌", skip: "➖" };

/** The report as a Markdown table, for a job's summary or a ticket. */
export function renderMarkdown({ instance, started, results, outcome, costUsd }: CheckReport): string {
  const rows = results.map(({ id, status, summary, fix }) => {
    const advice = fix ? `<br>**Fix:** ${cell(fix)}` : "";
    return `| ${marks[status]} ${status} | ${id} | ${cell(summary)}${advice} |`;
  });
  return `### Check of the instance ${instance}: ${outcome}

| | Check | Summary |
| --- | --- | --- |
${rows.join("\n")}

Started ${started}, cost ${usd(costUsd)}.
`;
}
