/** What the sandbox sends back. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How it is sent, where that is not the ordinary way. */
  readonly transport?: Transport;
}

/** Disturbances on the way of an answer. */
export interface Transport {
  /** Wait before the answer, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** Blank lines before the body, sent before the wait, as OpenRouter does while a slow model works. */
  readonly blankLines?: number | undefined;
  /** Break the connection after so many bytes of the body. */
  readonly cutAfterBytes?: number | undefined;
  /** Send byte by byte, with so many milliseconds between them. */
  readonly dripMs?: number | undefined;
  /** Break the connection before any answer. */
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

/** Thrown where a request is refused; carries the answer. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(code: number, message: string) {
    super(message);
    this.answer = errorAnswer(code, message);
  }
}
