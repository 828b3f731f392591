/** A field whose value differs from the expected one, as a person reads them. */
export interface FieldDifference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

/** A field with its expected and its actual value. */
type ComparedField = readonly [field: string, expected: unknown, actual: unknown];

/** The fields whose values differ as a person reads them. */
export function compareFields(fields: readonly ComparedField[]): FieldDifference[] {
  return fields
    .map(([field, expected, actual]) => ({ field, expected: String(expected), actual: String(actual) }))
    .filter(({ expected, actual }) => expected !== actual);
}
