import { z } from "zod";
import { isPlainHttp, loopbackPattern } from "../core/network/loopback";

/** Text that matches a pattern; `form` completes "expected: …". */
export const text = (pattern: RegExp, form: string) =>
  z.string({ error: form }).regex(pattern, { error: form });

export const words = () => text(/\S/, "text that is not empty");

export const ascii = () => text(/^[\x20-\x7e]+$/, "text of printable ASCII characters, as headers demand");

/** Text without blanks, such as a name in somebody's cloud. */
export const oneWord = (form = "a name without blanks") => text(/^\S+$/, form);

/** A base URL. The key is sent to it, so the connection must be encrypted if it leaves this host. */
export const apiUrl = () => {
  const form =
    "an https URL that does not end in `/` (http is for this host only: 127.0.0.1, localhost, [::1])";
  const pattern = new RegExp(`^(https:\\/\\/|http:\\/\\/${loopbackPattern}(:\\d+)?(\\/|$))(.*[^/])?$`);
  return z.url({ error: form }).regex(pattern, { error: form });
};

/** The form of a path in the store `secret/`, as people write it: the API's has `data/` or `metadata/` in it. */
export const keyPathForm = /^secret(?!\/(meta)?data\/)(\/[a-zA-Z0-9_-]+)+$/;

/** The addresses of a cluster's servers. Each must prove by its certificate that it is one: no other rule can tell several. */
export const serverUrls = () => {
  const form = "https URLs that do not end in `/`, each once";
  return z
    .array(z.url({ error: form }).regex(/^https:\/\/.*[^/]$/, { error: form }))
    .min(1, { error: form })
    .max(9, { error: "at most nine addresses" })
    .refine((urls) => new Set(urls).size === urls.length, { error: form });
};

/** Another Vault's address: the token that decrypts Vault's key is sent to it. */
export const vaultUrl = () => {
  const form = "an https URL without a path (http is for 127.0.0.1, localhost and [::1] only)";
  return z
    .url({ error: form })
    .refine((url) => /^https?:\/\/[^/]+$/.test(url) && !isPlainHttp(url), { error: form });
};

export const containerName = () =>
  text(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/,
    "a container name: two characters or more of letters, digits, `_`, `.` and `-`, the first a letter or digit",
  );

export const model = () =>
  text(
    /^(~?[\w.-]+\/[\w.-]+(:[\w.-]+)?(@preset\/[\w.-]+)?|@preset\/[\w.-]+)$/,
    "a model id as OpenRouter lists it, `author/model`, or `@preset/name`, without OpenClaw's prefix `openrouter/`",
  );

export const path = (form: string) => text(/^\/(?!\/*$)/, form);
export const hostFile = () => path("a file's absolute path, written out (no `~`)");

export const day = () => z.iso.date({ error: "a date such as 2026-11-23" });
export const port = () => z.int().min(1).max(65535);

/** A whole number from 1. */
export const count = () => z.int().min(1);
export const amount = () => z.number().positive();

/**
 * A group of options: without any of them in the file, it holds their defaults.
 * @param withRules adds rules about several of its options
 */
export const group = <T extends z.core.$ZodLooseShape>(
  description: string,
  options: T,
  withRules = (group: z.ZodObject<T, z.core.$strict>) => group,
) =>
  withRules(z.strictObject(options))
    .prefault({} as never)
    .describe(description);

/** A rule about several options. It also runs if other options are wrong, so that all problems are reported at once. */
export const rule = (path: string[], error: string) => ({ path, error, when: () => true });
