import { sha256 } from "../core/fingerprint";

/** The Terraform name of the step that stores the key in an external Vault; its trigger is the key's version. */
export const storeKeyResource = "openrouter_key";

/** Where a person creates, limits and disables keys. */
export const keysPage = "https://openrouter.ai/settings/keys";

/** The form of an OpenRouter key: its prefix, then letters and digits (currently 64 hexadecimal digits). */
const form = /^sk-or-v1-[A-Za-z0-9_-]{16,}$/;

/** The maximum number of characters of a key that a message shows. */
const previewLength = 12;

/**
 * Validates a given key before it is used. The reason completes the sentence "The OpenRouter key …" and holds no part of the
 * given text.
 */
export function inspectKey(raw: string): { readonly key: string } | { readonly reason: string } {
  if (raw.trim() === "") return { reason: "is empty" };
  if (/[\r\n]/.test(raw)) return { reason: `has a line break ${place(raw, /[\r\n]/)}` };
  if (/\s/.test(raw)) return { reason: `has a blank ${place(raw, /\s/)}` };
  if (/["'`‘’“”]/.test(raw)) return { reason: `has a quote ${place(raw, /["'`‘’“”]/)}` };
  if (!raw.startsWith("sk-or-v1-")) return { reason: "does not begin with sk-or-v1-" };
  if (/(\.\.\.|…)/.test(raw)) return { reason: "is shortened: it holds dots in place of its middle" };
  if (!form.test(raw))
    return { reason: "is not of the form sk-or-v1-… with at least 16 letters and digits after it" };
  return { key: raw };
}

function place(raw: string, mark: RegExp): string {
  const around = mark.test(raw.charAt(0)) || mark.test(raw.charAt(raw.length - 1));
  return around ? "around it" : "inside";
}

/** The part of a key that can be shown: at most its first 12 characters, and never more than half of it. */
export function keyPreview(key: string): string {
  return key.slice(0, Math.min(previewLength, Math.floor(key.length / 2)));
}

/** The fingerprint that identifies a key without showing it: the first 16 hexadecimal digits of the key's SHA-256. */
export function keyFingerprint(key: string): string {
  return fingerprintOfDigest(sha256(key));
}

/** The fingerprint of a key with this SHA-256. */
export function fingerprintOfDigest(digest: string): string {
  return digest.slice(0, 16);
}

/**
 * The version of the write-only secret: an integer below 2^48. It changes with the key and with the generation, which is increased
 * to write the same key again.
 * @throws Error if there is no key, as of an unset variable of the environment
 */
export function keyVersion(key: string, generation = 0): number {
  if (!key)
    throw new Error("The OpenRouter key is empty; expected the key, of which the version is a digest.");
  return Number.parseInt(sha256(`${generation}:${key}`).slice(0, 12), 16);
}
