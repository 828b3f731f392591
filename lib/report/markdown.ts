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
