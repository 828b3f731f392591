/** An outdated model id, and its replacements. */
interface OutdatedModel {
  /** The id in the setup guide or in an earlier catalogue. */
  readonly id: string;
  /** The reason why it cannot be used: completes the sentence "<id> …". */
  readonly why: string;
  /** Current ids that can replace it, the best first. A single one is certain. */
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

/** The entry of an outdated id; undefined for every other id. */
export function outdatedModel(id: string): OutdatedModel | undefined {
  return outdatedModels.find((model) => model.id === id);
}

/** The only replacement of an outdated id; undefined if there are several or none. */
export function certainReplacement(id: string): string | undefined {
  const model = outdatedModel(id);
  return model?.candidates.length === 1 ? model.candidates[0] : undefined;
}
