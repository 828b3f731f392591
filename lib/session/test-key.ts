import { ifError } from "../core/errors";
import type { Deployment } from "../model/deployment";
import { type OpenRouterClient, type OpenRouterClientOptions, openRouterClient } from "../openrouter/client";
import { OpenRouterFailure } from "../openrouter/errors";
import type { KeyInfo } from "../openrouter/schemas";
import type { KeyVerdict } from "./choose-key";

/** The result of a test, and OpenRouter's report of an accepted key. */
type TestedKey = { readonly works: true; readonly info: KeyInfo } | Extract<KeyVerdict, { works: false }>;

/** The failures that concern the key itself, not the time of the test. */
const refusals = new Set(["key-invalid", "management-key", "forbidden"]);

/** Asks OpenRouter's `auth/key` whether it accepts a key. */
export async function testKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<TestedKey> {
  const asked = clientOf(deployment, key, { signal }).getKey();
  return asked.then(
    (info) => ({ works: true, info }),
    ifError(
      OpenRouterFailure,
      ({ kind, message: why }): TestedKey => ({ works: false, refused: refusals.has(kind), why }),
    ),
  );
}

/** A client of the instance's OpenRouter, with a key. */
export function clientOf(
  { settings, baseUrl }: Deployment,
  key: string,
  more: Pick<OpenRouterClientOptions, "signal" | "retries"> = {},
): OpenRouterClient {
  const { referer, title } = settings.openrouter;
  return openRouterClient({
    baseUrl,
    key,
    title,
    ...(referer ? { referer } : {}),
    timeoutSeconds: settings.check.timeoutSeconds,
    ...more,
  });
}
