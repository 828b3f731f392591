import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { failureOfNetwork, type RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { isMissingPath, readChat, readJson } from "./read";
import { type ChatAnswer, type KeyInfo, keyAnswer, type Model, modelsAnswer } from "./schemas";
import { send } from "./send";

export interface OpenRouterClientOptions {
  /** For example `https://openrouter.ai/api/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  /** Sent as HTTP-Referer. */
  readonly referer?: string;
  /** Sent as X-OpenRouter-Title. */
  readonly title?: string;
  /** How long one call may take, its repetitions included. */
  readonly timeoutSeconds: number;
  /** How often a call that may pass is repeated. @default 2 */
  readonly retries?: number;
  /** Ends a call; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface ChatRequest {
  readonly model: string;
  /** The longest answer, in tokens. Without it OpenRouter reckons with the model's longest, and may refuse. */
  readonly maxTokens: number;
  readonly prompt: string;
  /** Asks for the answer as events, as the gateway does. @default false */
  readonly stream?: boolean;
  /** Asks the model not to reason. Only for models whose `supportedParameters` name `reasoning`. @default false */
  readonly withoutReasoning?: boolean;
}

/** The calls of OpenRouter that this project makes. Every failure is an {@link OpenRouterFailure}. */
export interface OpenRouterClient {
  /** What the key is and what it has spent: `GET /auth/key`, as in the guide; where that is gone, `GET /key`. */
  getKey(): Promise<KeyInfo>;
  /** The catalogue. It is public, so it proves nothing about the key, which is not sent. */
  listModels(): Promise<Model[]>;
  /** One question to one model. Costs money. */
  chat(request: ChatRequest): Promise<ChatAnswer>;
}

/** A client for one key. */
export function openRouterClient(options: OpenRouterClientOptions): OpenRouterClient {
  const authorization = { authorization: `Bearer ${options.key}` };

  function call<T>(path: string, init: RequestInit, read: (answer: RawAnswer) => T): Promise<T> {
    const headers = {
      accept: "application/json",
      ...attribution(options),
      ...(init.headers as Record<string, string>),
    };
    return repeat(options, async (seconds) => {
      const answer = await send(
        `${options.baseUrl.replace(/\/+$/, "")}${path}`,
        { ...init, headers },
        seconds,
        options.signal,
      );
      return read(answer);
    });
  }

  async function getKey(): Promise<KeyInfo> {
    const read = (answer: RawAnswer) => readJson(answer, keyAnswer, options.key);
    try {
      return await call("/auth/key", { headers: authorization }, read);
    } catch (error) {
      if (!isMissingPath(error)) throw error;
      return await call("/key", { headers: authorization }, read);
    }
  }

  function listModels(): Promise<Model[]> {
    return call("/models", {}, (answer) => readJson(answer, modelsAnswer, options.key));
  }

  function chat(request: ChatRequest): Promise<ChatAnswer> {
    const body = {
      model: request.model,
      messages: [{ role: "user", content: request.prompt }],
      max_tokens: request.maxTokens,
      ...(request.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
      ...(request.withoutReasoning ? { reasoning: { effort: "none" } } : {}),
    };
    const headers = {
      ...authorization,
      "content-type": "application/json",
      ...(request.stream ? { accept: "text/event-stream" } : {}),
    };
    return call("/chat/completions", { method: "POST", headers, body: JSON.stringify(body) }, (answer) =>
      readChat(answer, options.key),
    );
  }

  return { getKey, listModels, chat };
}

/** Repeats an attempt for as long as its failure may pass, within the call's number of repetitions and its time. */
async function repeat<T>(
  options: OpenRouterClientOptions,
  attempt: (seconds: number) => Promise<T>,
): Promise<T> {
  const { signal, timeoutSeconds } = options;
  const end = performance.now() + timeoutSeconds * 1000;
  const left = () => (end - performance.now()) / 1000;
  let last: OpenRouterFailure | undefined;

  const once = async () => {
    // The pause before this attempt used the time up: the failure before it is what there is to tell.
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
      // Called after `shouldRetry`, also where that said no. Its own, random pause follows.
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

/** By these OpenRouter attributes a call. Headers hold Latin letters only. */
function attribution(options: OpenRouterClientOptions): Record<string, string> {
  return {
    ...(options.referer ? { "http-referer": options.referer } : {}),
    ...(options.title ? { "x-openrouter-title": options.title.replace(/[^\x20-\x7e]/g, "?") } : {}),
  };
}
