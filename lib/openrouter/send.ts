import { EndlessAnswer } from "../core/bounded";
import { AnswerInterrupted, exchange, type HttpOptions, ProxyRefused } from "../core/network/http";
import { proxyFor } from "../core/network/proxy";
import { answerFailure, type RawAnswer } from "./classify";

/** One request to OpenRouter's API. */
export type ApiRequest = Pick<HttpOptions, "method" | "headers"> & { readonly body?: string };

/**
 * Sends one request and reads its whole answer. Follows no redirects: the API has none, but login pages do.
 * @param seconds the time limit for connecting, sending and reading together
 * @param limit the largest answer, in bytes
 * @throws the errors of {@link exchange}, or an OpenRouterFailure for an interrupted or too large answer
 */
export async function send(
  url: string,
  request: ApiRequest,
  seconds: number,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<RawAnswer> {
  try {
    const { status, headers, text } = await exchange(url, {
      ...request,
      headers: { ...request.headers, "accept-encoding": "gzip" },
      proxy: proxyFor(url, process.env),
      timeout: Math.max(1, Math.ceil(seconds * 1000)),
      longest: limit,
      signal,
    });
    if (status === 407) throw new ProxyRefused("a proxy requires credentials");
    return { status, text, retryAfterSeconds: parseRetryAfter(headers["retry-after"], Date.now()) };
  } catch (error) {
    if (error instanceof EndlessAnswer) throw answerFailure("unexpected", `OpenRouter gave ${error.message}`);
    if (error instanceof AnswerInterrupted)
      throw answerFailure("cut-off", "The answer is interrupted", error.status);
    throw error;
  }
}

/**
 * The seconds of the header Retry-After, which holds seconds or a date. Undefined if it is missing or unreadable.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(value: string | null | undefined, now: number): number | undefined {
  if (!value) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}
