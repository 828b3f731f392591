/**
 * What stays on one line: a command of another program that a line ends with, and one of this program with its options, so that
 * they can be copied, and so that what makes the latter runnable here finds it; a quoted text, whose blanks count; else a word.
 */
const unbroken =
  /(?<=^|: )(?:sudo|docker|ch(?:mod|own)) (?:(?![.,;] |`).)+$|[^\s\w/.-]*openclaw-openrouter(?: [a-z][a-z-]*){1,3}(?: --[a-z-]+(?: (?:'[^']*'|[^\s'-]\S*))?)*\S*|'[^']*'(?:'[^']*'|\\'|[^\s'])*|\S+/gm;

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
