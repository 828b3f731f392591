import type { Deployment } from "../../model/deployment";
import { askModel } from "../../openrouter/ask-model";
import { type FailureKind, OpenRouterFailure } from "../../openrouter/errors";
import type { Model } from "../../openrouter/schemas";
import { clientOf, whyUnfit } from "../../session/test-key";

/** The result of testing a key. */
type Trial =
  | {
      readonly works: true;
      /** Why no model answered, although OpenRouter accepts the key and its calls. @default one answered */
      readonly noAnswer?: string;
    }
  | { readonly works: false; readonly why: string };

/** Failures of the model or of what it was sent: OpenRouter had accepted the key before them. */
const ofModel: ReadonlySet<FailureKind> = new Set([
  "model-unknown",
  "reasoning-mandatory",
  "bad-request",
  "unprocessable",
  "too-large",
  "provider",
  "no-answer",
]);

/**
 * Tests a key as OpenClaw uses it: `auth/key`, then a chat with the default model, or with the fallback if the default model
 * does not answer. A failure of both models does not count against the key, unless it can be the key's.
 */
export async function tryKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<Trial> {
  const client = clientOf(deployment, key, { signal });
  const { settings } = deployment;
  try {
    const unfit = whyUnfit(await client.getKey());
    if (unfit) return { works: false, why: unfit };
    const catalogue = await client.listModels().catch((): Model[] => []);
    let noAnswer: string | undefined;
    for (const id of [settings.models.default, settings.models.fallback]) {
      try {
        await askModel({ client, catalogue, id, maxTokens: settings.check.maxTokens, reserve: () => true });
        return { works: true };
      } catch (error) {
        if (!(error instanceof OpenRouterFailure)) throw error;
        const isLast = id === settings.models.fallback;
        if (!ofModel.has(error.kind) && (isLast || !error.tryAnotherModel)) throw error;
        noAnswer = `${id}: ${error.message}`;
      }
    }
    return { works: true, ...(noAnswer ? { noAnswer } : {}) };
  } catch (error) {
    if (error instanceof OpenRouterFailure) return { works: false, why: error.message };
    throw error;
  }
}
