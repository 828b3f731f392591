/** What is looked up once, by whoever asks first. */
export function once<T>(look: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= look();
    return result;
  };
}
