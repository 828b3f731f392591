/** The result of some work; undefined if it fails and the reason does not matter: a file is missing, a text is malformed. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
