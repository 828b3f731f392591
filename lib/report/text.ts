import pc from "picocolors";
import { wrap } from "../core/text";

export interface RenderOptions {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

export type Colours = ReturnType<typeof pc.createColors>;

/** The colours and the width of a report in text. */
export function canvas({ colour, width }: RenderOptions): { colours: Colours; columns: number } {
  return { colours: pc.createColors(colour), columns: Math.max(40, width) };
}

/** Puts a text after a first part, and indents its further lines to the same column. */
export function hanging(
  first: string,
  text: string,
  columns: number,
  colour: (line: string) => string = (line) => line,
): string[] {
  const indent = " ".repeat(first.length);
  return wrap(text, columns - first.length).map(
    (line, index) => `${index === 0 ? first : indent}${colour(line)}`,
  );
}

/** One or more paragraphs under a label, indented. */
export function labelled(
  label: string,
  text: string,
  columns: number,
  colour: (line: string) => string,
  labelWidth = 4,
): string[] {
  const indent = `    ${label.padEnd(labelWidth)}  `;
  return text
    .split("\n")
    .flatMap((paragraph) => wrap(paragraph, columns - indent.length))
    .map((line, index) => `${index === 0 ? indent : " ".repeat(indent.length)}${colour(line)}`);
}
