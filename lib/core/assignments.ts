/** The names and values of texts such as `NAME=value`: of an environment, or of the properties of a unit. Others are left out. */
export function assignments(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.flatMap((text) => {
      const at = text.indexOf("=");
      return at > 0 ? [[text.slice(0, at), text.slice(at + 1)]] : [];
    }),
  );
}
