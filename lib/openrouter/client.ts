import { longest } from "../core/bounded";
import { type CallOptions, caller } from "./call";
import { answerFailure, type RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { readChat, readJson } from "./read";
import { type ChatAnswer, type KeyInfo, keyAnswer, type Model, modelsAnswer } from "./schemas";

export type OpenRouterClientOptions = CallOptions;

export interface ChatRequest {
  readonly model: string;
  /** The longest answer, in tokens. Without it OpenRouter assumes the model's longest answer, and can refuse the call. */
  readonly maxTokens: number;
  readonly prompt: string;
  /** Tells the model not to reason. Only for models whose `supportedParameters` include `reasoning` and that need not reason. @default false */
  readonly withoutReasoning?: boolean;
}

/** The OpenRouter calls that this project makes. Every failure is an {@link OpenRouterFailure}. */
export interface OpenRouterClient {
  /** The key's properties and usage: `GET /auth/key`, as in the setup guide; if that is missing, `GET /key`. */
  getKey(): Promise<KeyInfo>;
  /** The catalogue. It is public: the key is not sent, so the answer proves nothing about it. Never empty. */
  listModels(): Promise<Model[]>;
  /** The models that the key may use, by the guardrails, privacy settings and providers of its workspace and account; can be none. */
  listOwnModels(): Promise<Model[]>;
  /** Sends one prompt to one model. Costs money. */
  chat(request: ChatRequest): Promise<ChatAnswer>;
}

/** A catalogue of more pages never ends. */
const mostPages = 20;

/** Whether a path is not served any more: it is missing, or leads elsewhere. */
function isGone(error: unknown): boolean {
  const status = error instanceof OpenRouterFailure ? (error.status ?? 0) : 0;
  return (status >= 300 && status < 400) || [404, 405, 410].includes(status);
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
      if (!isGone(error)) throw error;
      return await call("/key", { headers: authorization }, read);
    }
  }

  async function readModels(
    path: string,
    headers: Record<string, string>,
    mayBeEmpty: boolean,
  ): Promise<Model[]> {
    const all: Model[] = [];
    let offset = 0;
    for (let pages = 0; pages < mostPages; pages++) {
      const page = await call(
        offset === 0 ? path : `${path}?offset=${offset}`,
        { headers },
        (answer) => readJson(answer, modelsAnswer, options.key),
        longest.catalogue,
      );
      all.push(...page.models);
      offset += page.length;
      if (page.isLast) break;
    }
    if (all.length === 0 && !(mayBeEmpty && offset === 0))
      throw answerFailure("unexpected", "OpenRouter's list of models holds no model");
    return all;
  }

  function chat(request: ChatRequest): Promise<ChatAnswer> {
    const body = {
      model: request.model,
      messages: [{ role: "user", content: request.prompt }],
      max_tokens: request.maxTokens,
      ...(request.withoutReasoning ? { reasoning: { effort: "none" } } : {}),
    };
    const headers = { ...authorization, "content-type": "application/json" };
    return call("/chat/completions", { method: "POST", headers, body: JSON.stringify(body) }, (answer) =>
      readChat(answer, options.key, request.maxTokens),
    );
  }

  return {
    getKey,
    listModels: () => readModels("/models", {}, false),
    listOwnModels: () => readModels("/models/user", authorization, true),
    chat,
  };
}
