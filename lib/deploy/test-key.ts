import type { Deployment } from "../model/deployment";
import { openRouterClient } from "../openrouter/client";
import { OpenRouterFailure } from "../openrouter/errors";
import type { KeyVerdict } from "./choose-key";

/** Failures that say something about the key itself, whenever it is tried. */
const refusals = new Set(["key-invalid", "management-key", "forbidden"]);

/** Asks OpenRouter's `auth/key` whether it takes a key. */
export async function testKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<KeyVerdict> {
  const { settings, baseUrl } = deployment;
  const client = openRouterClient({
    baseUrl,
    key,
    title: settings.openrouter.title,
    timeoutSeconds: settings.check.timeoutSeconds,
    signal,
  });
  try {
    await client.getKey();
    return { works: true };
  } catch (error) {
    if (!(error instanceof OpenRouterFailure)) throw error;
    return { works: false, refused: refusals.has(error.kind), why: error.message };
  }
}
