import { boundedText, EndlessAnswer } from "../core/bounded";
import { fetchFor } from "../core/proxy";
import { answerFailure, type RawAnswer } from "./classify";

/**
 * Sends one request and reads its answer to the end. Redirects are not followed: the API has none, login pages do.
 * @param seconds for connecting, sending and reading together
 * @param limit bytes that the answer may have
 * @throws what fetch throws, a `TimeoutError`, or an OpenRouterFailure for an answer that breaks off
 */
export async function send(
  url: string,
  init: RequestInit,
  seconds: number,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  const timeout = new AbortController();
  // This timer keeps the program running, which AbortSignal.timeout's does not: Node ends although a fetch is under way
  // where its connection was reset.
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

/** A body that cannot be unpacked never ends, whatever signal fetch was given (Node 20). */
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
 * The header Retry-After: seconds, or a date. Undefined where it is missing or cannot be read.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(value: string | null, now: number): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
