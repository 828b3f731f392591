/** What is looked up once, by whoever asks first. */
export function once<T>(inspect: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= inspect();
    return result;
  };
}
