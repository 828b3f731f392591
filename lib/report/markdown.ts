import { plain } from "../core/plain-text";

/** What Markdown, the tables, references and formulas of GitHub and GitLab, and HTML make markup of. */
const markup = /[&<>\\`*_~[\]{}|#@$]|:(?=\S)|(?<=www)\./gi;

/**
 * A text for a cell of a table in Markdown. It is shown as code, so that no name in it calls anybody and no address is a link,
 * and each sign that could be markup is written by its number, which never is.
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
