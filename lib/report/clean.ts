import { defaultInstance } from "../config/sandbox";
import { plain } from "../core/plain-text";
import { scrub } from "../openrouter/scrub";

/** A text for a report. Much of it comes from outside: it may quote the key, or hold what a terminal would obey. */
export function clean(text: string, key: string): string {
  return scrub(plain(text), key);
}

/** Our own commands in a text, with the instance where it is not the one that they mean by themselves. */
export function namingInstance(instance: string, text: string): string {
  if (instance === defaultInstance) return text;
  return text.replace(
    /openclaw-openrouter (up|drift --fix|(key|shares|vault|backup|state) [a-z-]+)\b/g,
    `$& --instance ${instance}`,
  );
}
