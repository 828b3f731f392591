import type { z } from "zod";

/** More lines than these that could begin or end a document are not tried. */
const mostTries = 8;

/** A line that begins a document; a log line such as `[plugins] loaded` does not. */
const begins = /^(\[\s*([[{"\]]|$)|\{\s*(["}]|$))/;
/** The last line of a document of several lines. */
const closes = /^[\]}]\s*$/;

/**
 * The JSON documents that a program's output can hold, the longest first: plugins of OpenClaw write log lines before and after
 * what it was asked for.
 */
export function* jsonInOutput(text: string): Generator<unknown> {
  const lines = text.split("\n");
  const numbers = (form: RegExp) => lines.flatMap((line, number) => (form.test(line) ? number : []));
  const ends = numbers(closes).reverse().slice(0, mostTries);
  for (const first of numbers(begins).slice(0, mostTries)) {
    for (const last of [...ends.filter((end) => end > first), first]) {
      try {
        yield JSON.parse(lines.slice(first, last + 1).join("\n"));
      } catch {
        // Log lines are in it.
      }
    }
  }
}

/** The first JSON document in a program's output that has a shape. */
export function firstInOutput<T extends z.ZodType>(text: string, schema: T): z.output<T> | undefined {
  for (const value of jsonInOutput(text)) {
    const { success, data } = schema.safeParse(value);
    if (success) return data;
  }
  return undefined;
}
