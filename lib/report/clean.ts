import { defaultInstance } from "../config/sandbox";
import { plain } from "../core/plain-text";
import { scrub } from "../openrouter/scrub";

/** Cleans a text for a report. Text from outside can contain the key or control characters. */
export function clean(text: string, key: string): string {
  return scrub(plain(text), key);
}

/** Adds `--instance` to this program's commands in a text, unless the instance is the default one. */
export function namingInstance(instance: string, text: string): string {
  if (instance === defaultInstance) return text;
  return text.replace(
    /openclaw-openrouter (up|drift --fix|(key|shares|vault|backup|state) [a-z-]+)\b/g,
    `$& --instance ${instance}`,
  );
}
