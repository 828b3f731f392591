import { z } from "zod";

/** An error as OpenRouter puts it into a body: `code` may be a number, a string or missing. */
const errorBody = z
  .object({
    code: z.union([z.number(), z.string()]).nullish(),
    message: z.string(),
    metadata: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  })
  .or(z.string().transform((message) => ({ code: undefined, message, metadata: undefined })));

/** An error as OpenRouter puts it into a body. */
export type ErrorBody = z.output<typeof errorBody>;

/** A whole body that reports an error, whatever its HTTP status. */
export const errorAnswer = z.object({ error: errorBody });

const dollars = z.number();
const flag = z.boolean().nullish();

const keyData = z.object({
  label: z.string(),
  limit: dollars.nonnegative().nullable(),
  limit_remaining: dollars.nullable(),
  limit_reset: z.string().nullish(),
  usage: dollars,
  usage_daily: dollars.nullish(),
  usage_weekly: dollars.nullish(),
  usage_monthly: dollars.nullish(),
  is_free_tier: flag,
  is_management_key: flag,
  is_provisioning_key: flag,
  disabled: flag,
  expires_at: z.iso.datetime({ offset: true }).nullish(),
});

/** The body of `GET /auth/key` and of `GET /key`. What is missing stays missing: nothing is filled in. */
export const keyAnswer = z.object({ data: keyData }).transform(({ data }) => ({
  /** The key, shortened by OpenRouter. */
  label: data.label,
  /** The key's own limit, in USD; null is unlimited. */
  limit: data.limit,
  /** What is left of the limit, in USD; null is unlimited. */
  limitRemaining: data.limit_remaining,
  /** `daily`, `weekly` or `monthly`; null: the limit is for the key's lifetime; undefined: not said. */
  limitReset: data.limit_reset,
  /** Spent in all, in USD. */
  usage: data.usage,
  /** Spent since midnight UTC, since Monday, since the month's first day, in USD. */
  usageDaily: data.usage_daily ?? undefined,
  usageWeekly: data.usage_weekly ?? undefined,
  usageMonthly: data.usage_monthly ?? undefined,
  isFreeTier: data.is_free_tier ?? undefined,
  /** Manages other keys and cannot chat. */
  isManagementKey: data.is_management_key || data.is_provisioning_key || false,
  disabled: data.disabled ?? undefined,
  /** ISO 8601; null: never. */
  expiresAt: data.expires_at,
}));

/** What OpenRouter says of a key. */
export type KeyInfo = z.output<typeof keyAnswer>;

/** USD a token, as a string in the catalogue; negative or unreadable (routers) is not known. */
const price = z.coerce.number().nonnegative().optional().catch(undefined);

const model = z
  .object({
    id: z.string().min(1),
    canonical_slug: z.string().nullish().catch(undefined),
    name: z.string().nullish().catch(undefined),
    context_length: z.number().nullish().catch(undefined),
    expiration_date: z.string().nullish().catch(undefined),
    supported_parameters: z.array(z.string()).nullish().catch(undefined),
    pricing: z.object({ prompt: price, completion: price }).nullish().catch(undefined),
  })
  .transform((entry) => ({
    id: entry.id,
    /** The permanent name, which may differ from the id. */
    canonicalSlug: entry.canonical_slug ?? entry.id,
    name: entry.name ?? entry.id,
    /** Tokens. */
    contextLength: entry.context_length ?? undefined,
    /** The day on which the model leaves the catalogue. */
    expirationDate: entry.expiration_date ?? undefined,
    supportedParameters: entry.supported_parameters ?? [],
    /** USD a token. */
    promptPrice: entry.pricing?.prompt,
    completionPrice: entry.pricing?.completion,
  }));

/** A model of the catalogue. */
export type Model = z.output<typeof model>;

/** The body of `GET /models`. One entry that cannot be read does not hide the others; a list of none is no catalogue. */
export const modelsAnswer = z
  .object({ data: z.array(model.or(z.unknown().transform(() => undefined))) })
  .transform(({ data }) => data.filter((entry) => entry !== undefined))
  .refine((models) => models.length > 0, "the catalogue holds no model");

const usage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  cost: z.number().nullish(),
});

/** The text of a message: a string, or parts of which some are text. */
const content = z
  .union([
    z.string(),
    z
      .array(z.object({ text: z.string().optional() }))
      .transform((parts) => parts.map((part) => part.text ?? "").join("")),
  ])
  .nullish();

/** The body of `POST /chat/completions`. */
export const chatAnswer = z.object({
  model: z.string().min(1),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().min(1).nullish(),
        error: errorBody.nullish(),
        message: z.object({ content }).nullish(),
      }),
    )
    .min(1),
  usage: usage.nullish(),
});

/** One `data:` of a streamed answer. */
export const chatChunk = z.object({
  model: z.string().min(1).optional(),
  error: errorBody.nullish(),
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        error: errorBody.nullish(),
        delta: z.object({ content: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  usage: usage.nullish(),
});

/** What a model answered. */
export interface ChatAnswer {
  /** The model that answered, which may be another than the one asked for. */
  readonly model: string;
  readonly content: string;
  /** `stop`, or `length` where the longest answer allowed was not enough. */
  readonly finishReason: string;
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
  /** USD; undefined where OpenRouter did not say. */
  readonly cost: number | undefined;
}
