import { sha256 } from "../core/fingerprint";

/** The name in Terraform of the step that stores the key in an external Vault; its trigger is the version. */
export const storeKeyResource = "openrouter_key";

/** What an OpenRouter key looks like: its prefix, then letters and digits (64 hexadecimal ones today). */
const form = /^sk-or-v1-[A-Za-z0-9_-]{16,}$/;

/** No message shows more of a key than this. */
const previewLength = 12;

/**
 * Looks at a key as it was given, before anything is done with it.
 * The reason completes the sentence "The OpenRouter key …" and holds nothing of what was given.
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

/** The beginning of a key that may be shown: at most its first 12 characters, and never more than half of it. */
export function keyPreview(key: string): string {
  return key.slice(0, Math.min(previewLength, Math.floor(key.length / 2)));
}

/** Tells keys apart without showing them: the first 16 hexadecimal digits of the key's SHA-256. */
export function keyFingerprint(key: string): string {
  return fingerprintOfDigest(sha256(key));
}

/** The fingerprint of the key with this SHA-256. */
export function fingerprintOfDigest(digest: string): string {
  return digest.slice(0, 16);
}

/**
 * The version of the write-only secret: it changes with the key and with the generation, which a command raises to
 * have the same key written again. An integer below 2^48.
 */
export function keyVersion(key: string, generation: number): number {
  return Number.parseInt(sha256(`${generation}:${key}`).slice(0, 12), 16);
}
