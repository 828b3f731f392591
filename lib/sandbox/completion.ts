/** The result of a chat. */
export interface Completion {
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
  readonly content: string;
  readonly finishReason: "stop" | "length";
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** The tokens of the reasoning, which are part of the completion's. */
  readonly reasoningTokens: number;
  /** Whether a provider charges it to a key of the account's own. */
  readonly isByok: boolean;
  /** USD. */
  readonly promptCost: number;
  readonly completionCost: number;
  /** The error that replaces the rest of the answer. */
  readonly error?: { readonly code: number; readonly message: string } | undefined;
}

const provider = "Sandbox";

/** The body of an answer without streaming. */
export function completionBody(completion: Completion): unknown {
  const { error } = completion;
  return {
    id: completion.id,
    object: "chat.completion",
    created: completion.created,
    model: completion.model,
    provider,
    system_fingerprint: null,
    choices: [
      {
        index: 0,
        finish_reason: error ? "error" : completion.finishReason,
        native_finish_reason: error ? "error" : completion.finishReason,
        logprobs: null,
        message: {
          role: "assistant",
          content: error ? "" : completion.content,
          refusal: null,
          reasoning: reasoningOf(completion),
        },
        ...(error ? { error } : {}),
      },
    ],
    usage: usageOf(completion),
  };
}

/** The body of a streamed answer: a comment, the content, the end, the usage, `[DONE]`. */
export function streamBody(completion: Completion): string {
  const { error } = completion;
  const reasoning = reasoningOf(completion);
  const said = (delta: object, reason: string | null = null, rest: object = {}) => {
    const end = { finish_reason: reason, native_finish_reason: reason };
    return chunk(completion, { ...rest, choices: [{ index: 0, delta, ...end, logprobs: null }] });
  };
  const events: unknown[] = [
    ...(reasoning === null ? [] : [said({ role: "assistant", content: "", reasoning })]),
    said({ role: "assistant", content: completion.content }),
  ];
  if (error) events.push(said({ content: "" }, "error", { error }));
  else {
    events.push(said({ content: "" }, completion.finishReason));
    events.push(chunk(completion, { choices: [], usage: usageOf(completion) }));
  }
  const data = [...events.map((event) => JSON.stringify(event)), "[DONE]"];
  return [": OPENROUTER PROCESSING", ...data.map((text) => `data: ${text}`)]
    .map((line) => `${line}\n\n`)
    .join("");
}

function chunk(completion: Completion, rest: object): unknown {
  return {
    id: completion.id,
    object: "chat.completion.chunk",
    created: completion.created,
    model: completion.model,
    provider,
    ...rest,
  };
}

function reasoningOf({ reasoningTokens }: Completion): string | null {
  return reasoningTokens > 0 ? "What is asked for is one word." : null;
}

function usageOf(completion: Completion): unknown {
  const { isByok, promptCost, completionCost, reasoningTokens } = completion;
  const upstream = promptCost + completionCost;
  return {
    prompt_tokens: completion.promptTokens,
    completion_tokens: completion.completionTokens,
    total_tokens: completion.promptTokens + completion.completionTokens,
    cost: isByok ? 0 : upstream,
    is_byok: isByok,
    cost_details: {
      upstream_inference_cost: isByok ? upstream : null,
      upstream_inference_prompt_cost: promptCost,
      upstream_inference_completions_cost: completionCost,
    },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  };
}
