import { answerFailure, type RawAnswer } from "./classify";
import { fetchFor } from "./proxy";

/** No answer of OpenRouter's is near this; what is beyond it is not read. */
const longestAnswer = 32 * 1024 * 1024;

/**
 * Sends one request and reads its answer to the end. Redirects are not followed: the API has none, login pages do.
 * @param seconds for connecting, sending and reading together
 * @throws what fetch throws, a `TimeoutError`, or an OpenRouterFailure for an answer that breaks off
 */
export async function send(
  url: string,
  init: RequestInit,
  seconds: number,
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
    const response = await fetchFrom(url, {
      ...init,
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal,
    });
    return {
      status: response.status,
      text: await readText(response),
      retryAfterSeconds: parseRetryAfter(response.headers.get("retry-after"), Date.now()),
    };
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > longestAnswer) break;
    }
  } catch (error) {
    if (/^(Timeout|Abort)Error$/.test((error as Error).name)) throw error;
    throw answerFailure("cut-off", "The answer is cut off", response.status);
  }
  if (text.length > longestAnswer)
    throw answerFailure("unexpected", "The answer is endless", response.status);
  return text + decoder.decode();
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
