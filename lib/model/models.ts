import { wrap } from "../core/text";

/** A model id that is out of date, and what stands in its place. */
export interface OutdatedModel {
  /** The id as the setup guide, or an earlier catalogue, has it. */
  readonly id: string;
  /** Why it cannot be used: completes the sentence "<id> …". */
  readonly why: string;
  /** Present ids that may stand in its place, the best first. A single one is certain. */
  readonly candidates: readonly [string, ...string[]];
}

/** The setup guide's ids that no longer work, and the names under which those models were once listed. */
export const outdatedModels: readonly OutdatedModel[] = [
  {
    id: "anthropic/claude-sonnet-4-20250514",
    why: "was never an id at OpenRouter; the model was listed as anthropic/claude-sonnet-4 until October 2026",
    candidates: ["anthropic/claude-sonnet-5", "~anthropic/claude-sonnet-latest"],
  },
  {
    id: "anthropic/claude-sonnet-4",
    why: "left the catalogue in October 2026",
    candidates: ["anthropic/claude-sonnet-5", "~anthropic/claude-sonnet-latest"],
  },
  {
    id: "anthropic/claude-haiku-3.5",
    why: "was never an id at OpenRouter; the model was listed as anthropic/claude-3.5-haiku until June 2026",
    candidates: ["anthropic/claude-haiku-4.5"],
  },
  {
    id: "anthropic/claude-3.5-haiku",
    why: "left the catalogue in June 2026",
    candidates: ["anthropic/claude-haiku-4.5"],
  },
  {
    id: "mistral/mistral-large-latest",
    why: "has an author and a name that OpenRouter does not use",
    candidates: ["mistralai/mistral-large-2512", "mistralai/mistral-large"],
  },
  {
    id: "google/gemini-2.0-flash-001",
    why: "left the catalogue in June 2026",
    candidates: ["google/gemini-2.5-flash"],
  },
];

/** The setup guide's id of each role (2.13). What to use instead of those that no longer work is in {@link outdatedModels}. */
export const guideModels = {
  default: "anthropic/claude-sonnet-4-20250514",
  fallback: "anthropic/claude-haiku-3.5",
  experimentation: "google/gemini-2.0-flash-001",
  french: "mistral/mistral-large-latest",
  open: "meta-llama/llama-3.3-70b-instruct",
} as const;

/** An id of the settings, and the one that is used in its place. */
export interface ReplacedModel {
  readonly role: string;
  readonly id: string;
  readonly replacement: string;
  /** Completes the sentence "<id> …". */
  readonly why: string;
}

/** The models of settings, those that are out of date replaced where it is certain by what. */
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

/** Warnings of models that are replaced, a line each, wrapped for a terminal. */
export function describeReplaced(replaced: readonly ReplacedModel[]): string[] {
  return replaced.map(({ role, id, replacement, why }) =>
    wrap(`! models.${role}: ${id} ${why}; ${replacement} is used. Name it in the settings.`, 78).join("\n  "),
  );
}

/** What is known of an out-of-date id; undefined for every other id. */
export function outdatedModel(id: string): OutdatedModel | undefined {
  return outdatedModels.find((model) => model.id === id);
}

/** The id that certainly stands instead of an out-of-date one; undefined where there are several, or none is known. */
export function certainReplacement(id: string): string | undefined {
  const model = outdatedModel(id);
  return model?.candidates.length === 1 ? model.candidates[0] : undefined;
}
