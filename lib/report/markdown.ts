/** A text for a cell of a table in Markdown: what comes from outside must not become markup. */
export function cell(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/[|[\]!*_`]/g, "\\$&")
    .replace(/\n/g, "<br>");
}
