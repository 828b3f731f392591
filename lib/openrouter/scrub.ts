import { plain } from "../core/plain-text";
import { shortened } from "../core/text";
import { keyPreview } from "../model/openrouter-key";

/** Any OpenRouter key in a text, of at least 4 characters after the prefix; a label such as `sk-or-v1-abc...123` is shorter. */
const anyKey = /sk-or-v1-[A-Za-z0-9_-]{4,}/gi;

/** Removes the key, its secret part, and every other OpenRouter key from a foreign text. */
export function scrub(text: string, key: string): string {
  let scrubbed = text;
  const secret = key.replace(/^sk-or-v1-/, "");
  for (const part of [key, secret]) {
    if (part.length >= 8) scrubbed = scrubbed.replaceAll(part, `${keyPreview(key)}…`);
  }
  return scrubbed.replace(anyKey, (found) => `${found.slice(0, 12)}…`);
}

/** One line for a message: without keys, without control characters (a terminal would obey them), at most 300 characters. */
export function oneLine(text: string, key: string): string {
  return shortened(scrub(plain(text), key).replace(/\s+/g, " ").trim(), 300);
}
