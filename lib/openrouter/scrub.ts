import { plain } from "../core/plain-text";
import { keyPreview } from "../model/openrouter-key";

/** A key of any owner in a text: enough of it that it is no mere label such as `sk-or-v1-abc...123`. */
const anyKey = /sk-or-v1-[A-Za-z0-9_-]{4,}/gi;

/** Takes the key, its secret part alone, and every other OpenRouter key out of a text that came from outside. */
export function scrub(text: string, key: string): string {
  let scrubbed = text;
  const secret = key.replace(/^sk-or-v1-/, "");
  for (const part of [key, secret]) {
    if (part.length >= 8) scrubbed = scrubbed.replaceAll(part, `${keyPreview(key)}…`);
  }
  return scrubbed.replace(anyKey, (found) => `${found.slice(0, 12)}…`);
}

/** One line for a message: scrubbed, without control characters (a terminal would obey them), at most 300 characters. */
export function oneLine(text: string, key: string): string {
  const line = scrub(plain(text), key).replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
