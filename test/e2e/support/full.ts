import { describeUnless, testUnless } from "../../support/skip";

/** Whether whole tables are run (`npm run test:full`), or a sample of each. */
export const isFull = Boolean(process.env.TEST_FULL);

const reason = isFull ? undefined : "only in npm run test:full";

/** What takes long: other runs skip it by name. */
export const testInFull = testUnless(reason);
export const describeInFull = describeUnless(reason);

/**
 * The rows of a table that this run tries: all of them in a full run, else those of the sample. The others are skipped by name.
 * @param title a row's, in the table's own order
 */
export function triedOf<T>(
  rows: readonly T[],
  isSample: (row: T, index: number) => boolean,
  title: (row: T) => string,
): T[] {
  if (isFull) return [...rows];
  for (const row of rows.filter((each, index) => !isSample(each, index))) testInFull(title(row), () => {});
  return rows.filter(isSample);
}
