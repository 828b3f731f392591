/** An answer of the sandbox. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The disturbances of its transport. */
  readonly transport?: Transport;
}

/** The disturbances of an answer's transport. */
export interface Transport {
  /** The delay before the answer, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** The number of blank lines sent before the delay, as OpenRouter does while a slow model works. */
  readonly blankLines?: number | undefined;
  /** Closes the connection after this number of bytes of the body. */
  readonly cutAfterBytes?: number | undefined;
  /** Sends byte by byte, with this delay between bytes, in milliseconds. */
  readonly dripMs?: number | undefined;
  /** Closes the connection before any answer. */
  readonly reset?: boolean | undefined;
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
