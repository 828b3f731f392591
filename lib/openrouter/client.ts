import { longest } from "../core/bounded";
import { type CallOptions, caller } from "./call";
import type { RawAnswer } from "./classify";
import { isMissingPath, readChat, readJson } from "./read";
import { type ChatAnswer, type KeyInfo, keyAnswer, type Model, modelsAnswer } from "./schemas";

export type OpenRouterClientOptions = CallOptions;

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
  /** What the key is and what it has spent: `GET /auth/key`, as in the setup guide; where that is gone, `GET /key`. */
  getKey(): Promise<KeyInfo>;
  /** The catalogue. It is public, so it proves nothing about the key, which is not sent. */
  listModels(): Promise<Model[]>;
  /** One question to one model. Costs money. */
  chat(request: ChatRequest): Promise<ChatAnswer>;
}

/** A client for one key. */
export function openRouterClient(options: OpenRouterClientOptions): OpenRouterClient {
  const authorization = { authorization: `Bearer ${options.key}` };
  const call = caller(options);

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
    return call("/models", {}, (answer) => readJson(answer, modelsAnswer, options.key), longest.catalogue);
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
