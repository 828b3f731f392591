import type { Deployment } from "../../model/deployment";
import type { OpenRouterClient } from "../../openrouter/client";
import { OpenRouterFailure } from "../../openrouter/errors";
import { findModel } from "../../openrouter/model-match";
import type { KeyInfo, Model } from "../../openrouter/schemas";
import { clientOf } from "../../session/client-of";

/** The result of testing a key. */
export type Trial =
  | { readonly works: true; readonly info: KeyInfo }
  | { readonly works: false; readonly why: string };

/** The setup guide's test call. */
const prompt = "Reply just OK";

/**
 * Tests a key as OpenClaw uses it: `auth/key`, then a chat with the default model, or with the fallback if the default model
 * does not answer.
 */
export async function tryKey(deployment: Deployment, key: string, signal: AbortSignal): Promise<Trial> {
  const client = clientOf(deployment, key, { signal });
  try {
    const info = await client.getKey();
    const unfit = whyUnfit(info);
    if (unfit) return { works: false, why: unfit };
    const catalogue = await client.listModels().catch((): Model[] => []);
    await chat(deployment, client, catalogue);
    return { works: true, info };
  } catch (error) {
    if (error instanceof OpenRouterFailure) return { works: false, why: error.message };
    throw error;
  }
}

function whyUnfit({ isManagementKey, disabled }: KeyInfo): string | undefined {
  if (isManagementKey) return "it is a management key, which cannot chat";
  return disabled ? "it is disabled" : undefined;
}

async function chat(
  { settings }: Deployment,
  client: OpenRouterClient,
  catalogue: readonly Model[],
): Promise<void> {
  const ask = (model: string) =>
    client.chat({
      model,
      maxTokens: settings.check.maxTokens,
      prompt,
      withoutReasoning: findModel(catalogue, model)?.supportedParameters.includes("reasoning") ?? false,
    });
  try {
    await ask(settings.models.default);
  } catch (error) {
    if (!(error instanceof OpenRouterFailure && error.tryAnotherModel)) throw error;
    await ask(settings.models.fallback);
  }
}
