import { dateOf } from "../core/time";
/** A model of the sandbox's catalogue. Names and prices resemble the real ones. */
export interface CatalogueModel {
  readonly id: string;
  readonly canonicalSlug: string;
  readonly name: string;
  /** Tokens. */
  readonly contextLength: number;
  readonly maxCompletionTokens: number;
  /** USD per token, as a string, as in the real catalogue. */
  readonly promptPrice: string;
  readonly completionPrice: string;
  readonly reasoning: Reasoning;
  /** The day (YYYY-MM-DD, UTC) on which the model leaves the catalogue; null if none is announced. */
  readonly expirationDate: string | null;
  /** The id of the model behind an alias. */
  readonly aliasOf?: string;
  /** The id of the model to which a router sends a call. */
  readonly routesTo?: string;
}

/** Whether a model reasons: never, if a call asks for it, or always. */
export type Reasoning = "none" | "optional" | "mandatory";

const sonnet: CatalogueModel = {
  id: "anthropic/claude-sonnet-5",
  canonicalSlug: "anthropic/claude-5-sonnet-20260219",
  name: "Anthropic: Claude Sonnet 5",
  contextLength: 1_000_000,
  maxCompletionTokens: 64_000,
  promptPrice: "0.000003",
  completionPrice: "0.000015",
  reasoning: "optional",
  expirationDate: null,
};

/** The initial catalogue of every sandbox: all default models of the settings, an alias, the routers, and some others. */
export const initialCatalogue: readonly CatalogueModel[] = [
  sonnet,
  {
    ...sonnet,
    id: "~anthropic/claude-sonnet-latest",
    canonicalSlug: "~anthropic/claude-sonnet-latest",
    name: "Anthropic: Claude Sonnet (latest)",
    aliasOf: sonnet.id,
  },
  plain("anthropic/claude-haiku-4.5", "Anthropic: Claude Haiku 4.5", 200_000, 64_000, 1, 5, "optional"),
  plain("google/gemini-2.5-flash", "Google: Gemini 2.5 Flash", 1_048_576, 65_535, 0.3, 2.5, "optional"),
  plain("google/gemini-2.5-pro", "Google: Gemini 2.5 Pro", 1_048_576, 65_536, 1.25, 10, "mandatory"),
  plain("mistralai/mistral-large-2512", "Mistral: Mistral Large 3", 262_144, 32_768, 0.5, 1.5),
  plain("mistralai/mistral-large", "Mistral: Mistral Large", 128_000, 16_384, 2, 6),
  {
    ...plain("meta-llama/llama-3.3-70b-instruct:free", "Meta: Llama 3.3 70B (free)", 131_072, 16_384, 0, 0),
    canonicalSlug: "meta-llama/llama-3.3-70b-instruct",
  },
  plain("meta-llama/llama-3.3-70b-instruct", "Meta: Llama 3.3 70B", 131_072, 16_384, 0.1, 0.32),
  plain("openai/gpt-5-mini", "OpenAI: GPT-5 Mini", 400_000, 128_000, 0.25, 2, "mandatory"),
  plain("deepseek/deepseek-v3.2", "DeepSeek: V3.2", 163_840, 65_536, 0.26, 0.38),
  {
    ...plain("openrouter/auto", "Auto Router", 2_000_000, 65_536, -1, -1, "optional"),
    routesTo: "google/gemini-2.5-flash",
  },
  {
    ...plain("openrouter/free", "Free Models Router", 200_000, 16_384, 0, 0, "optional"),
    routesTo: "meta-llama/llama-3.3-70b-instruct:free",
  },
];

/** A model without an alias. Its prices are in USD a million tokens; a router's is -1, as in the real catalogue. */
function plain(
  id: string,
  name: string,
  contextLength: number,
  maxCompletionTokens: number,
  promptPrice: number,
  completionPrice: number,
  reasoning: Reasoning = "none",
): CatalogueModel {
  const prices = { promptPrice: perToken(promptPrice), completionPrice: perToken(completionPrice) };
  const rest = { contextLength, maxCompletionTokens, ...prices, reasoning };
  return { id, canonicalSlug: id, name, expirationDate: null, ...rest };
}

function perToken(usdPerMillion: number): string {
  return usdPerMillion > 0 ? (usdPerMillion / 1e6).toFixed(8).replace(/0{1,7}$/, "") : String(usdPerMillion);
}

/** The catalogue's models at a time, without expired ones. */
export function listed(catalogue: readonly CatalogueModel[], now: Date): CatalogueModel[] {
  const today = dateOf(now);
  return catalogue.filter((model) => model.expirationDate === null || today < model.expirationDate);
}

/** The body of `GET /models`: a page of the models, by default of 500. */
export function modelsBody(models: readonly CatalogueModel[], query: URLSearchParams): unknown {
  const offset = Number(query.get("offset") ?? 0);
  const end = offset + Number(query.get("limit") ?? 500);
  const next = end < models.length ? `/api/v1/models?offset=${end}` : null;
  return { data: models.slice(offset, end).map(describe), links: { next }, total_count: models.length };
}

const parameters = ["max_tokens", "temperature", "top_p", "stop", "tools", "tool_choice", "response_format"];

function describe(model: CatalogueModel): unknown {
  return {
    id: model.id,
    canonical_slug: model.canonicalSlug,
    hugging_face_id: null,
    name: model.name,
    created: 1_760_000_000,
    description: `${model.name}, in the sandbox.`,
    context_length: model.contextLength,
    architecture: {
      modality: "text->text",
      input_modalities: ["text"],
      output_modalities: ["text"],
      tokenizer: "Other",
      instruct_type: null,
    },
    pricing: { prompt: model.promptPrice, completion: model.completionPrice },
    top_provider: {
      context_length: model.contextLength,
      max_completion_tokens: model.maxCompletionTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters:
      model.reasoning !== "none" ? [...parameters, "reasoning", "include_reasoning"] : parameters,
    supported_voices: null,
    default_parameters: null,
    expiration_date: model.expirationDate,
    links: { details: `/api/v1/models/${model.id}/endpoints` },
    // Routers reason as what they route to does.
    ...(model.reasoning === "none" || model.routesTo
      ? {}
      : {
          reasoning: {
            mandatory: model.reasoning === "mandatory",
            default_enabled: model.reasoning === "mandatory",
          },
        }),
    ...(model.aliasOf ? { alias_target: { name: model.name, slug: model.aliasOf } } : {}),
  };
}
