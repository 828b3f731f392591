/** What a terminal shows at the end of all that was written to it: the sequences that a list of phases and a prompt draw by. */
export function screenLines(written: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  let column = 0;
  const line = () => lines[row] ?? "";
  const go = (to: number) => {
    row = Math.max(0, to);
    while (lines.length <= row) lines.push("");
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every sequence begins with it.
  const tokens = /\u001b\[([\d;?]*)([A-Za-z])|[\s\S]/gu;
  for (const [token, parameter = "", command] of written.matchAll(tokens)) {
    const count = Number.parseInt(parameter, 10) || 1;
    if (command === "A") go(row - count);
    else if (command === "B") go(row + count);
    else if (command === "G") column = count - 1;
    else if (command === "K") lines[row] = parameter === "2" ? "" : line().slice(0, column);
    else if (command === "J") lines.splice(row, lines.length, line().slice(0, column));
    else if (command !== undefined) continue;
    else if (token === "\r") column = 0;
    else if (token === "\n") go(row + 1);
    else {
      lines[row] = line().padEnd(column).slice(0, column) + token + line().slice(column + 1);
      column += 1;
    }
  }
  return lines.map((text) => text.trimEnd());
}
