/**
 * What stays on one line: a command of another program that a line ends with, and one of this program with its options, so that
 * they can be copied, and so that what makes the latter runnable here finds it; a quoted text, whose blanks count; else a word. None
 * has a line break: in a foreign text, what follows it would look like a line of the report.
 */
const unbroken =
  /(?<=^|: )(?:sudo|docker|ch(?:mod|own)) (?:(?![.,;] |`).)+$|[^\s\w/.-]*openclaw-openrouter(?: [a-z][a-z-]*){1,3}(?: --[a-z-]+(?: (?:'[^'\n]*'|[^\s'-]\S*))?)*\S*|'[^'\n]*'(?:'[^'\n]*'|\\'|[^\s'])*|\S+/gm;

/** Breaks a text into lines of at most `width` characters; a longer word has a line of its own, as has a longer command. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const [word] of text.matchAll(unbroken)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.length > 0 ? lines : [""];
}

/** Puts a text after a first part, and indents its further lines to the same column. */
export function hanging(
  first: string,
  text: string,
  columns = 80,
  colour: (line: string) => string = (line) => line,
): string[] {
  const indent = " ".repeat(first.length);
  return wrap(text, columns - first.length).map(
    (line, index) => `${index === 0 ? first : indent}${colour(line)}`,
  );
}

/** A text of at most `most` characters; a longer one ends with an ellipsis. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** A number with what it counts: `1 day`, `2 days`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** JSON as a file has it. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** JSON in the style of this project's formatter: short lists of texts on one line. */
export function formattedJson(value: unknown): string {
  const text = JSON.stringify(value, null, 2).replace(/\[\s+("[^\]]*?")\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/\s*\n\s*/g, " ")}]`;
    return line.length < 90 ? line : list;
  });
  return `${text}\n`;
}

/** Quotes a text for a shell. */
export function quote(text: string): string {
  return /^[\w./:=@,+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Rows as a table: each cell but the last one of a row is as wide as its column. */
export function table(rows: readonly (readonly string[])[], gap = "  "): string {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  const widths = rows[0]?.map((_, column) => width(column)) ?? [];
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)));
  return rows.map((row) => line(row).join(gap).trimEnd()).join("\n");
}
