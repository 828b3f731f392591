import type { Deployment } from "../model/deployment";
import { type OpenRouterClient, type OpenRouterClientOptions, openRouterClient } from "../openrouter/client";

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
