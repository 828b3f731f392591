import { defaultInstance } from "../config/sandbox";
import { plain } from "../core/plain-text";
import { scrub } from "../openrouter/scrub";

/** Cleans a text for a report. Text from outside can contain the key or control characters. */
export function clean(text: string, key: string): string {
  return scrub(plain(text), key);
}

/**
 * A fix on a host that joined another instance's Vault: there, `host join` places the files again instead of `up` and `drift --fix`,
 * and `check` tells what `doctor` would. The key is the Vault's host's to replace.
 */
export function fixOnJoined(fix: string): string {
  return fix
    .replace(/openclaw-openrouter (up\b( --key-file FILE)?|drift --fix\b)/g, "openclaw-openrouter host join")
    .replace(/openclaw-openrouter doctor\b/g, "openclaw-openrouter check")
    .replace(/openclaw-openrouter key rotate\b/g, "on the Vault's host the command `host rotate`");
}

/** The commands that take `--instance`, if it does not follow. */
const withoutInstance =
  /openclaw-openrouter (up|deploy|check|drift( --fix)?|status|doctor|destroy|restore|rebuild|synth|(schedule add|schedule|alerts|key|shares|vault|host|backup|state) [a-z-]+)(?![\w-])(?!((?!openclaw-openrouter ).)*--instance\b)/g;

/** Adds `--instance` to this program's commands in a text, unless the instance is the default one. */
export function namingInstance(instance: string, text: string): string {
  return instance === defaultInstance ? text : text.replace(withoutInstance, `$& --instance ${instance}`);
}
