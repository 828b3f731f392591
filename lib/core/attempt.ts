/**
 * The result of some work that can fail.
 * @param otherwise what it gives then, such as `ifError` @default undefined: the reason does not matter, as with a missing
 * file or a malformed text
 */
export function attempt<T, U = undefined>(work: () => T, otherwise?: (error: unknown) => U): T | U {
  try {
    return work();
  } catch (error) {
    return otherwise?.(error) as U;
  }
}

/**
 * The result of some work that can fail in a known way; undefined if it does. Other errors are thrown.
 * @param expected the class of the error, or the operating system's code
 */
export function allowing<T>(
  expected: string | (abstract new (...given: never[]) => Error),
  work: () => T,
): T | undefined {
  return attempt(work, (error) => {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof expected === "string" ? code !== expected : !(error instanceof expected)) throw error;
    return undefined;
  });
}
