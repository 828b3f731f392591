import { z } from "zod";

/** A field without which the rest is worth reading: null or undefined if it is missing, undefined if it is of another type. */
export const ifReadable = <T extends z.ZodType>(schema: T) => schema.nullish().catch(undefined);

/** The error object in a body of OpenRouter's: `code` can be a number, a string or missing. */
const errorBody = z
  .object({
    code: z.union([z.number(), z.string()]).nullish(),
    message: z.string(),
    metadata: ifReadable(z.record(z.string(), z.unknown())),
    availability: z.unknown().optional(),
    fallback_models: z.unknown().optional(),
    retry_after: z.unknown().optional(),
  })
  .or(z.string().transform((message) => ({ code: undefined, message, metadata: undefined })));

/** The error object in a body of OpenRouter's. */
export type ErrorBody = z.output<typeof errorBody>;

/** A whole body that reports an error, whatever its HTTP status. */
export const errorAnswer = z.object({ error: errorBody });

const dollars = z.number();
const flag = z.boolean().nullish();

/** A budget that binds a key whatever its own limit is: of its workspace, or of a guardrail. */
const otherBudget = z.object({
  scope: ifReadable(z.string()),
  limit_usd: dollars,
  remaining_usd: dollars,
  resets_at: ifReadable(z.iso.datetime({ offset: true })),
});

const keyData = z.object({
  label: z.string(),
  limit: dollars.nonnegative().nullable(),
  limit_remaining: dollars.nullable(),
  limit_reset: z.string().nullish(),
  usage: dollars,
  usage_daily: dollars.nullish(),
  usage_monthly: dollars.nullish(),
  byok_usage: dollars.nullish(),
  byok_usage_daily: dollars.nullish(),
  byok_usage_monthly: dollars.nullish(),
  include_byok_in_limit: flag,
  effective_budget: ifReadable(otherBudget),
  workspace_id: ifReadable(z.string().min(1)),
  allowed_data_regions: ifReadable(z.array(z.string())),
  is_free_tier: flag,
  free_model_daily_requests: ifReadable(z.object({ limit: z.number(), remaining: z.number() })),
  is_management_key: flag,
  is_provisioning_key: flag,
  disabled: flag,
  expires_at: z.iso.datetime({ offset: true }).nullish(),
});

/** The body of `GET /auth/key` and `GET /key`. Missing fields stay missing: they get no default. */
export const keyAnswer = z.object({ data: keyData }).transform(({ data }) => ({
  /** The key, shortened by OpenRouter. */
  label: data.label,
  /** The key's own limit, in USD; null is unlimited. */
  limit: data.limit,
  /** The rest of the limit, in USD; null is unlimited. */
  limitRemaining: data.limit_remaining,
  /** `daily`, `weekly` or `monthly`; null: the limit is for the key's lifetime; undefined: unknown. */
  limitReset: data.limit_reset,
  /** The total spent, in USD. */
  usage: data.usage,
  /** Spent since midnight UTC, in USD; the next field: since the first day of the month. */
  usageDaily: data.usage_daily ?? undefined,
  usageMonthly: data.usage_monthly ?? undefined,
  /** What providers charged to keys of the account's own (BYOK), in USD: OpenRouter's own counters leave it out. */
  byokUsage: data.byok_usage ?? 0,
  byokUsageDaily: data.byok_usage_daily ?? 0,
  byokUsageMonthly: data.byok_usage_monthly ?? 0,
  /** Whether the limit counts that too. */
  includeByokInLimit: data.include_byok_in_limit ?? false,
  /** Of all budgets that bind the key, the one that OpenRouter reports as effective; undefined if that is the key's own limit. */
  otherBudget: readOther(data.effective_budget),
  /** The workspace that the key belongs to; undefined if OpenRouter does not report it. */
  workspaceId: data.workspace_id ?? undefined,
  /** The data regions whose addresses accept the key, such as `global`; undefined if OpenRouter does not report them. */
  dataRegions: data.allowed_data_regions ?? undefined,
  isFreeTier: data.is_free_tier ?? undefined,
  /** The calls of free models that the account may make a day (UTC), and how many are left. */
  freeCallsToday: data.free_model_daily_requests ?? undefined,
  /** Manages other keys and cannot chat. */
  isManagementKey: data.is_management_key || data.is_provisioning_key || false,
  disabled: data.disabled ?? undefined,
  /** ISO 8601; null: never. */
  expiresAt: data.expires_at,
}));

function readOther(budget: z.output<typeof otherBudget> | null | undefined) {
  if (!budget || budget.scope === "key_limit") return undefined;
  return {
    /** USD. */
    limit: budget.limit_usd,
    /** USD; at or below zero OpenRouter refuses every call. */
    remaining: budget.remaining_usd,
    /** Whether it is the workspace's; else a guardrail's. */
    isWorkspaces: budget.scope === "workspace",
    /** ISO 8601; undefined: it is for good, or unknown. */
    resetsAt: budget.resets_at ?? undefined,
  };
}

/** A key's properties and usage, from OpenRouter. */
export type KeyInfo = z.output<typeof keyAnswer>;

/** USD, a string in the catalogue; undefined if negative or unreadable (as for routers). */
const price = z
  .union([z.number(), z.string().regex(/\d/).transform(Number)])
  .pipe(z.number().nonnegative())
  .optional()
  .catch(undefined);

const model = z
  .object({
    id: z.string().min(1),
    canonical_slug: ifReadable(z.string()),
    name: ifReadable(z.string()),
    context_length: ifReadable(z.number()),
    expiration_date: ifReadable(z.string()),
    supported_parameters: ifReadable(z.array(z.string())),
    pricing: ifReadable(
      z.object({ prompt: price, completion: price, internal_reasoning: price, request: price }),
    ),
    reasoning: ifReadable(z.object({ mandatory: z.boolean() })),
    alias_target: ifReadable(z.object({ slug: z.string().min(1) })),
  })
  .transform((entry) => ({
    id: entry.id,
    /** The permanent name, which can differ from the id. */
    canonicalSlug: entry.canonical_slug ?? entry.id,
    name: entry.name ?? entry.id,
    /** Tokens. */
    contextLength: entry.context_length ?? undefined,
    /** The day on which the model leaves the catalogue. */
    expirationDate: entry.expiration_date ?? undefined,
    supportedParameters: entry.supported_parameters ?? [],
    /** Whether it rejects calls that switch its reasoning off. */
    mustReason: entry.reasoning?.mandatory ?? false,
    /** For an alias such as `~author/family-latest`: the id of the model that it stands for. */
    aliasTarget: entry.alias_target?.slug,
    /** USD per token; undefined if unknown, as for a router, which the catalogue prices at -1. */
    promptPrice: entry.pricing?.prompt,
    completionPrice: entry.pricing?.completion,
    /** USD per token of reasoning, if that has a price of its own. */
    reasoningPrice: entry.pricing?.internal_reasoning,
    /** USD per call, besides its tokens. */
    requestPrice: entry.pricing?.request,
  }));

/** A model of the catalogue. */
export type Model = z.output<typeof model>;

/** The body of `GET /models`: one page, usually of all models. Unreadable entries are left out. */
export const modelsAnswer = z
  .object({
    data: z.array(model.or(z.unknown().transform(() => undefined))),
    links: ifReadable(z.object({ next: z.string().nullish() })),
  })
  .transform(({ data, links }) => ({
    models: data.filter((entry) => entry !== undefined),
    /** The number of entries, unreadable ones included. */
    length: data.length,
    isLast: !links?.next || data.length === 0,
  }));

const count = ifReadable(z.number());

/** What an answer used: some providers report none or parts of it, and the answer is one all the same. */
const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  cost: count,
  is_byok: ifReadable(z.boolean()),
  cost_details: ifReadable(z.object({ upstream_inference_cost: count })),
  completion_tokens_details: ifReadable(z.object({ reasoning_tokens: count })),
});

/** The text of a message: a string, or a list of parts, some of them text. */
const content = z
  .union([
    z.string(),
    z
      .array(z.object({ text: z.string().optional() }))
      .transform((parts) => parts.map((part) => part.text ?? "").join("")),
  ])
  .nullish();

/** The body of `POST /chat/completions`. A provider that stumbles leaves out the choices, or all within them. */
export const chatAnswer = z.object({
  model: z.string().min(1).optional(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().min(1).nullish(),
        error: errorBody.nullish(),
        message: z
          .object({ content, reasoning: ifReadable(z.string()), refusal: ifReadable(z.string()) })
          .nullish(),
      }),
    )
    .nullish(),
  usage: ifReadable(usage),
});

/** A model's answer. */
export interface ChatAnswer {
  /** The model that answered, which can differ from the requested one. */
  readonly model: string;
  readonly content: string;
  /** `stop`, or `length` if the answer reached the longest allowed. */
  readonly finishReason: string;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  /** Whether the model reasoned, by what its provider reports: so it may have used up its tokens before the first word. */
  readonly reasoned: boolean;
  /** USD that OpenRouter charged; undefined if it did not report it. */
  readonly cost: number | undefined;
  /** USD that a provider charges to a key of the account's own (BYOK); undefined if no such key was used. */
  readonly byokCost: number | undefined;
}
