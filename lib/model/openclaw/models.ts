import { certainReplacement, outdatedModel } from "../../config/outdated-models";
import { hanging } from "../../core/text";

/** The setup guide's id of each role (2.13). `outdatedModels` has the replacements of those that no longer work. */
export const guideModels = {
  default: "anthropic/claude-sonnet-4-20250514",
  fallback: "anthropic/claude-haiku-3.5",
  experimentation: "google/gemini-2.0-flash-001",
  french: "mistral/mistral-large-latest",
  open: "meta-llama/llama-3.3-70b-instruct",
} as const;

/** An id of the settings and its replacement. */
export interface ReplacedModel {
  readonly role: string;
  readonly id: string;
  readonly replacement: string;
  /** Completes the sentence "<id> …". */
  readonly why: string;
}

/** The models of the settings; an outdated one is replaced if there is a single replacement. */
export function presentModels<T extends Readonly<Record<string, string>>>(
  models: T,
): { readonly models: T; readonly replaced: readonly ReplacedModel[] } {
  const replaced = Object.entries(models).flatMap(([role, id]) => {
    const replacement = certainReplacement(id);
    return replacement === undefined ? [] : [{ role, id, replacement, why: outdatedModel(id)?.why ?? "" }];
  });
  const changes = replaced.map(({ role, replacement }) => [role, replacement]);
  return { models: { ...models, ...Object.fromEntries(changes) }, replaced };
}

/** A warning for each replaced model, wrapped for a terminal. */
export function describeReplaced(replaced: readonly ReplacedModel[]): string[] {
  return replaced.map(({ role, id, replacement, why }) =>
    hanging("! ", `models.${role}: ${id} ${why}; ${replacement} is used. Name it in the settings.`).join(
      "\n",
    ),
  );
}
