import pc from "picocolors";
import { hanging, wrap } from "../core/text";
import type { Judged, Status } from "./finding";

export interface RenderOptions {
  readonly colour: boolean;
  /** Columns. */
  readonly width: number;
}

type Colours = ReturnType<typeof pc.createColors>;

/** The colours and the width of a report in text. */
export function canvas({ colour, width }: RenderOptions): { colours: Colours; columns: number } {
  return { colours: pc.createColors(colour), columns: Math.max(40, width) };
}

/** What a finding says besides its summary: a label, and one or more paragraphs. */
export type Fact = readonly [label: string, text: string | undefined];

/** Facts under each other, indented. The fix stands out. */
export function renderFacts(
  facts: readonly Fact[],
  labelWidth: number,
  { colours, columns }: ReturnType<typeof canvas>,
): string[] {
  return facts.flatMap(([label, text]) => {
    const indent = `    ${label.padEnd(labelWidth)}  `;
    const paint = label === "fix" ? colours.cyan : colours.dim;
    const lines = text?.split("\n").flatMap((paragraph) => wrap(paragraph, columns - indent.length)) ?? [];
    return lines.map((line, index) => `${index === 0 ? indent : " ".repeat(indent.length)}${paint(line)}`);
  });
}

const marks: Record<Status, string> = { pass: "✔", warn: "!", fail: "✖", skip: "–" };
const paints = { pass: "green", warn: "yellow", fail: "red", skip: "dim" } as const;

/** Results for a person: one line each, and the fix under each that needs one. */
export function renderResults(
  results: readonly (Judged & { readonly why?: string })[],
  options: RenderOptions,
): string[] {
  const { colours, columns } = canvas(options);
  const idWidth = Math.max(...results.map(({ id }) => id.length));
  return results.flatMap(({ id, status, summary, why, fix }) => {
    const first = `${marks[status]} ${id.padEnd(idWidth)}  `;
    const [head = "", ...rest] = hanging(
      first,
      summary,
      columns,
      status === "skip" ? colours.dim : undefined,
    );
    const facts: Fact[] =
      status === "fail" || status === "warn"
        ? [
            ["why", why],
            ["fix", fix],
          ]
        : [];
    return [
      `${colours[paints[status]](marks[status])}${head.slice(1)}`,
      ...rest,
      ...renderFacts(facts, 4, { colours, columns }),
    ];
  });
}
