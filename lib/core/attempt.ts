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
