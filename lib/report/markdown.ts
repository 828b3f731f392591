import { plain } from "../core/plain-text";

/** The characters that are markup in HTML, in Markdown, and in the tables, references and formulas of GitHub and GitLab. */
const markup = /[&<>\\`*_~[\]{}|#@$]|:(?=\S)|(?<=www)\./gi;

/**
 * A text as a cell of a Markdown table. It is shown as code, so no name in it is a mention and no address a link, and each
 * character that can be markup is written as a numeric entity.
 */
export function cell(text: string): string {
  const escaped = plain(text).replace(markup, (sign) => `&#${sign.charCodeAt(0)};`);
  return escaped
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `<code>${line}</code>`)
    .join("<br>");
}

/** Texts as one cell, with the fix at its end. */
export function cellWithFix(texts: readonly string[], fix: string | undefined): string {
  return [...texts.map(cell), ...(fix ? [`**Fix:** ${cell(fix)}`] : [])].join("<br>");
}

interface MarkdownReport {
  readonly title: string;
  readonly head: readonly string[];
  /** The cells of the table, in Markdown. */
  readonly rows: readonly (readonly string[])[];
  /** What is no row, as text. @default nothing */
  readonly asides?: readonly string[];
  readonly foot: string;
}

/** A report in Markdown, for a job's summary, an issue or a ticket. */
export function renderMarkdownReport({ title, head, rows, asides = [], foot }: MarkdownReport): string {
  const table = [head, head.map(() => "---"), ...rows].map(
    (cells) => `|${cells.map((text) => (text === "" ? " |" : ` ${text} |`)).join("")}`,
  );
  const sections = [
    [`### ${title}`],
    rows.length > 0 ? table : [],
    asides.map((text) => `- ${cell(text)}`),
    [foot],
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}
