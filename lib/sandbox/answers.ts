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

/** The error for a refused request; holds the answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(code: number, message: string) {
    super(message);
    this.answer = errorAnswer(code, message);
  }
}
