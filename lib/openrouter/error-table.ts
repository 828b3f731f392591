import { keysPage } from "../model/openrouter-key";
import type { FailureKind } from "./errors";

/** One row of OpenRouter's error table. */
export interface ErrorRow {
  readonly kind: FailureKind;
  readonly statuses: readonly number[];
  /** The message that selects this row among those of one status; a row without a pattern takes the rest. */
  readonly message?: RegExp;
  /** Matches only if OpenRouter asks to wait. */
  readonly passing?: true;
  /** OpenRouter's own name of the limit that refused the call, or of the reason: selects this row, whatever the message is. */
  readonly limit?: string;
  /** What happened, without OpenRouter's own message. */
  readonly what: string;
  readonly fix: string;
  /** @default false */
  readonly retryable?: boolean;
  /** @default false */
  readonly tryAnotherModel?: boolean;
}

const otherModel = { tryAnotherModel: true };
const again = { retryable: true, tryAnotherModel: true };

const creditsPage = "https://openrouter.ai/settings/credits";
const modelNotFound =
  '"Model not found": the name changed. Check the catalogue at https://openrouter.ai/models and correct `models` in the settings.';

/** The fix for every timeout, as in the setup guide. */
export const timeoutRemedy =
  "A timeout: the fallback takes over. If it happens often, raise `check.timeoutSeconds` or choose a faster model.";

/** Every error that OpenRouter answers with; within a status, specific rows come before general ones. */
export const errorTable: readonly ErrorRow[] = [
  {
    kind: "model-unknown",
    statuses: [400],
    message: /not a valid model|model[^.]{0,200} (not found|does not exist)/i,
    what: "OpenRouter does not know the model",
    fix: modelNotFound,
    ...otherModel,
  },
  {
    kind: "reasoning-mandatory",
    statuses: [400],
    message:
      /reasoning[^.]{0,200} (mandatory|required|(cannot|can't|can not|must not) be (disabled|turned off))/i,
    what: "The model must reason, and the call switched that off",
    fix: "Run it again; the fallback model can answer meanwhile.",
    ...otherModel,
  },
  {
    kind: "bad-request",
    statuses: [400],
    message: /^provider returned error/i,
    what: "The model's provider rejects the request",
    fix: "Try the model at https://openrouter.ai/chat; if it answers there, choose another model, which may accept what the check sends.",
    ...otherModel,
  },
  {
    kind: "bad-request",
    statuses: [400],
    what: "OpenRouter could not read the request",
    fix: "Check the model's parameters in the settings; if they are right, this is a defect of this program.",
  },
  {
    kind: "provider",
    statuses: [403],
    message:
      /not (available|supported) in your (region|country)|territory not supported|unsupported_country/i,
    what: "The model's provider does not serve the region of this host",
    fix: "Choose a model of another provider; the fallback model answers meanwhile. The address that OpenRouter sees counts: a proxy's or VPN's, if the host uses one.",
    ...otherModel,
  },
  {
    kind: "provider",
    statuses: [403],
    message: /violation of provider terms/i,
    what: "The model's provider refuses the account or the region of this host: OpenRouter accepted the key",
    fix: "Check the providers and data policy at https://openrouter.ai/settings/privacy, and from which country the host's proxy or VPN calls; or choose another model.",
    ...otherModel,
  },
  {
    kind: "provider",
    statuses: [403],
    message: /requires moderation|input was flagged/i,
    what: "The model's moderation flagged the text: OpenRouter accepted the key",
    fix: "Run it again; if it lasts, choose another model, whose provider does not moderate.",
    ...otherModel,
  },
  {
    kind: "provider",
    statuses: [401, 402, 403],
    message: /^provider returned error/i,
    what: "The model's provider refuses the call: OpenRouter accepted the key",
    fix: "If you brought a key of that provider (BYOK), check it at https://openrouter.ai/settings/integrations; else the fallback model answers meanwhile.",
    ...otherModel,
  },
  {
    kind: "key-invalid",
    statuses: [401],
    what: "OpenRouter does not accept the key",
    fix: `"Invalid API key": it was miscopied, disabled, deleted or has expired. Regenerate it at ${keysPage} and deploy it. If it worked before, see https://status.openrouter.ai first: in an outage OpenRouter can refuse every key.`,
  },
  {
    kind: "in-flight-budget",
    statuses: [402],
    passing: true,
    limit: "openrouter_in_flight_budget",
    what: "Running calls reserve the credit",
    fix: "The credit returns when they end: wait, then run it again.",
  },
  {
    kind: "key-limit",
    statuses: [402],
    message: /settings\/keys\b/i,
    limit: "openrouter_key_limit",
    what: "What is left of the key's own limit does not cover the call",
    fix: `Wait for the limit's reset, raise it at ${keysPage}, or lower \`max_tokens\` or shorten the prompt.`,
  },
  {
    kind: "answer-too-dear",
    statuses: [402],
    message: /fewer max_tokens|can only afford/i,
    limit: "weight_exceeds_budget",
    what: "The credit does not cover the longest answer requested",
    fix: `"Insufficient credits": recharge at ${creditsPage}, or lower \`max_tokens\`.`,
  },
  {
    kind: "answer-too-dear",
    statuses: [402],
    message: /tokens limit exceeded/i,
    what: "The credit does not cover a prompt of this size",
    fix: `"Insufficient credits": recharge at ${creditsPage}, or shorten the prompt.`,
  },
  {
    kind: "credits-insufficient",
    statuses: [402],
    message: /insufficient credits|more credits/i,
    what: "The account has no credit left",
    fix: `"Insufficient credits": recharge the account at ${creditsPage}.`,
  },
  {
    kind: "key-limit",
    statuses: [403],
    message: /key (budget )?limit exceeded/i,
    limit: "openrouter_key_limit",
    what: "The key's own limit is spent, whatever credit the account has",
    fix: `Wait for the limit's reset, or raise it at ${keysPage} once you know what spent it.`,
  },
  {
    kind: "management-only",
    statuses: [403],
    message: /only (management|provisioning) keys/i,
    what: "Only a management key can do this",
    fix: "An ordinary key cannot read this: nothing is wrong with the key.",
  },
  {
    kind: "management-key",
    statuses: [403],
    message: /(management|provisioning) keys? (cannot|can't|may not|are not)/i,
    what: "The key is a management key, which cannot chat",
    fix: `Create an ordinary key at ${keysPage} and deploy it.`,
  },
  {
    kind: "workspace-budget",
    statuses: [403],
    message: /workspace[^.]{0,200} budget/i,
    limit: "openrouter_workspace_budget",
    what: "The workspace's budget is spent",
    fix: "It is the budget of the key's own workspace, and binds all of its keys: wait for its next period, ask the workspace's owner to raise it, or deploy a key of another workspace.",
  },
  {
    kind: "guardrail-budget",
    statuses: [403],
    message: /budget (limit )?exceeded/i,
    limit: "openrouter_guardrail_budget",
    what: "The budget that a guardrail sets for the key, or for its owner, is spent",
    fix: "Wait for its next period, or have it raised by who manages the guardrails at https://openrouter.ai/settings/privacy.",
  },
  {
    kind: "forbidden",
    statuses: [403],
    what: "OpenRouter does not permit the call",
    fix: "Check the key's permissions and its workspace's guardrails.",
  },
  {
    kind: "model-blocked",
    statuses: [404],
    message: /guardrail|data policy/i,
    what: "The account's guardrails and data policy permit no provider of the model",
    fix: "Relax them at https://openrouter.ai/settings/privacy, or choose another model.",
    ...otherModel,
  },
  {
    kind: "model-blocked",
    statuses: [404],
    message: /no allowed providers|providers have been ignored/i,
    what: "The account's lists of allowed and ignored providers leave none of the model",
    fix: "Correct them at https://openrouter.ai/settings/privacy (Provider Restrictions), or choose another model.",
    ...otherModel,
  },
  {
    kind: "bad-request",
    statuses: [404],
    message: /no endpoints found that/i,
    what: "No provider of the model accepts what the call requires",
    fix: "Choose another model, or correct what the preset or https://openrouter.ai/settings/preferences requires of providers.",
    ...otherModel,
  },
  {
    kind: "model-unknown",
    statuses: [404],
    message: /\bpreset\b.{0,200} not found/i,
    what: "OpenRouter has no such preset for this key",
    fix: "Create it at https://openrouter.ai/settings/presets, in the account and workspace of the key, or correct `models` in the settings.",
    ...otherModel,
  },
  {
    kind: "model-unknown",
    statuses: [404],
    message: /no (available )?(endpoints|providers)|model[^.]{0,200} (not found|does not exist)/i,
    what: "No provider offers the model",
    fix: modelNotFound,
    ...otherModel,
  },
  {
    kind: "model-unknown",
    statuses: [404],
    message: /\bmodel\b|openrouter\.ai\/[\w.~-]+\/[\w.-]+/i,
    what: "OpenRouter no longer offers the model",
    fix: modelNotFound,
    ...otherModel,
  },
  {
    kind: "provider",
    statuses: [404, 422],
    message: /^provider returned error/i,
    what: "The model's provider rejects the call",
    fix: "The fallback model answers meanwhile; if it lasts, choose another model.",
    ...otherModel,
  },
  {
    kind: "not-found",
    statuses: [404],
    what: "There is nothing at this address",
    fix: "Check `openrouter.baseUrl` in the settings: https://openrouter.ai/api/v1 is OpenRouter's own.",
  },
  {
    kind: "timeout",
    statuses: [408, 504, 524],
    what: "The model did not answer in time",
    fix: timeoutRemedy,
    ...again,
  },
  {
    kind: "too-large",
    statuses: [413],
    what: "The request is too large",
    fix: "Shorten the request.",
  },
  {
    kind: "unprocessable",
    statuses: [422],
    what: "OpenRouter cannot process the request",
    fix: "Check the model's parameters in the settings; if they are right, this is a defect of this program.",
  },
  {
    kind: "daily-limit",
    statuses: [429],
    message: /per-day|limit_rpd|daily limit/i,
    what: "The day's calls of free models are used up",
    fix: "Wait until midnight UTC, or use a paid model.",
    ...otherModel,
  },
  {
    kind: "rate-limited",
    statuses: [429],
    message: /^provider returned error|rate-limited upstream/i,
    what: "The model's provider has too many calls, of all its users",
    fix: "Wait and run it again, or bring your own key of that provider; the fallback model can answer meanwhile.",
    ...again,
  },
  {
    kind: "rate-limited",
    statuses: [429],
    what: "Too many calls in too short a time",
    fix: "Wait and run it again; the fallback model can answer meanwhile.",
    ...again,
  },
  {
    kind: "server",
    // From 520 on, Cloudflare says what is wrong between it and OpenRouter.
    statuses: [500, 502, 503, 520, 521, 522, 523, 525, 526, 529, 530],
    what: "OpenRouter, or the model's provider, is down or overloaded",
    fix: "Run it again in a few minutes, and see https://status.openrouter.ai; the fallback model can answer meanwhile.",
    ...again,
  },
];

/** The row for a status that the table does not have. */
export const unknownError: ErrorRow = {
  kind: "unexpected",
  statuses: [],
  what: "OpenRouter answered with an unknown error",
  fix: "Run it again; if that does not help, see https://status.openrouter.ai.",
};

/** The row for an answer of status 200 that holds no answer. */
export const noAnswer: ErrorRow = {
  kind: "no-answer",
  statuses: [],
  what: "The model's provider gave no answer",
  fix: "This is a failure of the model's provider: the key and OpenRouter work. The fallback model answers meanwhile; if it lasts, see https://status.openrouter.ai or choose another model.",
  // Who asked repeats it once: each further try takes as long, and seldom comes to more.
  ...otherModel,
};

/** The row for an error in an answer of status 200 without a code of the table. */
export const providerError: ErrorRow = {
  ...unknownError,
  kind: "provider",
  what: "The model's provider interrupted the answer with an error",
  fix: "Run it again; the fallback model can answer meanwhile.",
  tryAnotherModel: true,
};
