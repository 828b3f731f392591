/** Runs a lookup at the first call and returns the same result to all callers. */
export function once<T>(inspect: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= inspect();
    return result;
  };
}
