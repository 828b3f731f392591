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

/** Asks OpenRouter's `auth/key` whether it accepts a key, and whether that can chat. */
export async function testKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<TestedKey> {
  const asked = clientOf(deployment, key, { signal }).getKey();
  return asked.then(
    (info): TestedKey => {
      const why = whyUnfit(info);
      return why === undefined ? { works: true, info } : { works: false, refused: true, why };
    },
    ifError(
      OpenRouterFailure,
      ({ kind, message: why }): TestedKey => ({ works: false, refused: refusals.has(kind), why }),
    ),
  );
}

/** Why a key that OpenRouter accepts is not one for a gateway: it looks like any other, and only a chat would refuse it. */
export function whyUnfit({ isManagementKey, disabled }: KeyInfo): string | undefined {
  if (isManagementKey) return "it is a management key, which cannot chat";
  return disabled ? "it is disabled" : undefined;
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
