/** An answer of the sandbox. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A JSON answer. */
export function json(status: number, value: unknown): Answer {
  return { status, body: JSON.stringify(value), contentType: "application/json" };
}

/** An error in OpenRouter's envelope. */
export function errorAnswer(code: number, message: string): Answer {
  return json(code, { error: { code, message } });
}

/** Why a model is not available: OpenRouter's stable codes. */
export type AvailabilityCode =
  | "model_not_found"
  | "model_deprecated"
  | "region_restricted"
  | "privacy_restricted"
  | "constraint_filtered";

/** What an error says besides its message. */
export interface ErrorDetails {
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly availability?: {
    readonly code: AvailabilityCode;
    readonly fallback_models: readonly string[];
    readonly retry_after: number | null;
  };
}

/** The error for a refused request; holds the answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(code: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.answer = json(code, { error: { code, message, ...details } });
  }
}
