import { boundedText, EndlessAnswer } from "../core/bounded";
import { fetchFor } from "../core/proxy";
import { answerFailure, type RawAnswer } from "./classify";

/**
 * Sends one request and reads its whole answer. Follows no redirects: the API has none, but login pages do.
 * @param seconds the time limit for connecting, sending and reading together
 * @param limit the largest answer, in bytes
 * @throws the errors of fetch, a `TimeoutError`, or an OpenRouterFailure for an interrupted or too large answer
 */
export async function send(
  url: string,
  init: RequestInit,
  seconds: number,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  const timeout = new AbortController();
  // Unlike AbortSignal.timeout, this timer keeps Node running. Without it, Node exits in a fetch whose connection is reset.
  const timer = setTimeout(
    () => timeout.abort(new DOMException("The operation timed out", "TimeoutError")),
    Math.max(1, Math.ceil(seconds * 1000)),
  );
  try {
    const fetchFrom = await fetchFor(url);
    const ended = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
    const response = await fetchFrom(url, { ...init, redirect: "manual", signal: ended });
    return {
      status: response.status,
      text: await Promise.race([readText(response, limit), rejected(ended)]),
      retryAfterSeconds: parseRetryAfter(response.headers.get("retry-after"), Date.now()),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects when the signal aborts: in Node 20, a body that cannot be unpacked never ends, whatever fetch's signal does. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

async function readText(response: Response, limit: number): Promise<string> {
  try {
    return response.body ? await boundedText(response.body, limit) : "";
  } catch (error) {
    if (/^(Timeout|Abort)Error$/.test((error as Error).name)) throw error;
    if (error instanceof EndlessAnswer)
      throw answerFailure("unexpected", `OpenRouter gave ${error.message}`, response.status);
    throw answerFailure("cut-off", "The answer is interrupted", response.status);
  }
}

/**
 * The seconds of the header Retry-After, which holds seconds or a date. Undefined if it is missing or unreadable.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
