import type { Deployment } from "../model/deployment";
import { OpenRouterFailure } from "../openrouter/errors";
import type { KeyInfo } from "../openrouter/schemas";
import type { KeyVerdict } from "./choose-key";
import { clientOf } from "./client-of";

/** What came of asking, and what OpenRouter says of a key that it takes. */
export type TestedKey =
  | { readonly works: true; readonly info: KeyInfo }
  | Extract<KeyVerdict, { works: false }>;

/** Failures that say something about the key itself, whenever it is tried. */
const refusals = new Set(["key-invalid", "management-key", "forbidden"]);

/** Asks OpenRouter's `auth/key` whether it takes a key. */
export async function testKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<TestedKey> {
  const client = clientOf(deployment, key, { signal });
  try {
    return { works: true, info: await client.getKey() };
  } catch (error) {
    if (!(error instanceof OpenRouterFailure)) throw error;
    return { works: false, refused: refusals.has(error.kind), why: error.message };
  }
}
