/**
 * A value in the one form of all that mean the same: providers read an empty value back as no value and the reverse, a list in
 * another order, and a text with another line end.
 * @returns undefined for an empty value
 */
export function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normal).filter((item) => item !== undefined);
    return items.length > 0
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : undefined;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).flatMap(([name, inner]) => {
      const item = normal(inner);
      return item === undefined ? [] : [[name, item]];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  if (typeof value === "string") {
    const text = value.trim();
    return text === "" || text === "null" || text === "{}" ? undefined : text;
  }
  return value === null || value === 0 || value === false ? undefined : value;
}
