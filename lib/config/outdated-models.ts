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

/** What is known of an out-of-date id; undefined for every other id. */
export function outdatedModel(id: string): OutdatedModel | undefined {
  return outdatedModels.find((model) => model.id === id);
}

/** The id that certainly stands instead of an out-of-date one; undefined where there are several, or none is known. */
export function certainReplacement(id: string): string | undefined {
  const model = outdatedModel(id);
  return model?.candidates.length === 1 ? model.candidates[0] : undefined;
}
