/** A replacement in a text. */
export interface Splice {
  readonly at: readonly [begin: number, end: number];
  readonly text: string;
}

/** @param splices replacements that do not overlap; several at one position keep their order */
export function splice(text: string, splices: readonly Splice[]): string {
  return [...splices]
    .reverse()
    .sort((one, other) => other.at[0] - one.at[0])
    .reduce(
      (done, { at: [begin, end], text: inserted }) => done.slice(0, begin) + inserted + done.slice(end),
      text,
    );
}
