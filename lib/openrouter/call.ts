import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { longest } from "../core/bounded";
import type { RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { failureOfNetwork } from "./network-failure";
import { type ApiRequest, send } from "./send";

export interface CallOptions {
  /** For example `https://openrouter.ai/api/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  /** Sent as HTTP-Referer. */
  readonly referer?: string;
  /** Sent as X-OpenRouter-Title. */
  readonly title?: string;
  /** The time limit of one call, retries included. */
  readonly timeoutSeconds: number;
  /** The number of retries after a temporary failure. @default 2 */
  readonly retries?: number;
  /** Aborts a call, which then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Sends one request below the base URL and reads its answer, with retries. Every failure is an {@link OpenRouterFailure}. */
type Call = <T>(
  path: string,
  request: ApiRequest,
  read: (answer: RawAnswer) => T,
  /** The largest answer, in bytes. @default 1 MiB */
  limit?: number,
) => Promise<T>;

/** Makes the function that sends one client's calls. */
export function caller(options: CallOptions): Call {
  return (path, request, read, limit = longest.answer) => {
    const headers = {
      accept: "application/json",
      ...attribution(options),
      ...request.headers,
    };
    return repeat(options, async (seconds) => {
      const answer = await send(
        `${options.baseUrl.replace(/(?<!\/)\/+$/, "")}${path}`,
        { ...request, headers },
        seconds,
        limit,
        options.signal,
      );
      return read(answer);
    });
  };
}

/** Retries an attempt while its failure is temporary, within the call's retries and time limit. */
async function repeat<T>(options: CallOptions, attempt: (seconds: number) => Promise<T>): Promise<T> {
  const { signal, timeoutSeconds } = options;
  const end = performance.now() + timeoutSeconds * 1000;
  const left = () => (end - performance.now()) / 1000;
  let last: OpenRouterFailure | undefined;

  const once = async () => {
    // The pause before this attempt used up the time: report the previous failure.
    if (last && left() <= 0) throw last;
    try {
      return await attempt(left());
    } catch (error) {
      if (signal?.aborted) throw error;
      last =
        error instanceof OpenRouterFailure ? error : failureOfNetwork(error, options.baseUrl, timeoutSeconds);
      throw last;
    }
  };
  const mayPass = (error: unknown) =>
    error instanceof OpenRouterFailure && error.retryable && (error.retryAfterSeconds ?? 0) < left();

  try {
    return await pRetry(once, {
      retries: options.retries ?? 2,
      minTimeout: 250,
      maxTimeout: 2000,
      randomize: true,
      ...(signal ? { signal } : {}),
      shouldRetry: mayPass,
      // Runs after `shouldRetry`, even if that returned false. p-retry then adds its own random pause.
      onFailedAttempt: async (error) => {
        const seconds = error instanceof OpenRouterFailure ? error.retryAfterSeconds : undefined;
        if (seconds && mayPass(error) && error.retriesLeft > 0)
          await sleep(seconds * 1000, undefined, signal ? { signal } : {});
      },
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error;
  }
}

/** The headers by which OpenRouter attributes a call. In the title, `?` replaces all but printable ASCII. */
function attribution(options: CallOptions): Record<string, string> {
  return {
    ...(options.referer ? { "http-referer": options.referer } : {}),
    ...(options.title ? { "x-openrouter-title": options.title.replace(/[^\x20-\x7e]/g, "?") } : {}),
  };
}
