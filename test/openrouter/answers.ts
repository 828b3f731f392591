import type { FailureKind } from "../../lib/openrouter/errors";
import type { Fault } from "../support/sandbox";

/** An answer of OpenRouter's, or of something on the way to it, and what is to be made of it. */
export interface AnswerRow {
  readonly name: string;
  readonly fault: Fault;
  readonly kind: FailureKind;
  readonly fix: RegExp;
  readonly again: boolean;
  readonly otherModel: boolean;
}

const error = (status: number, message: string, extra: object = {}): Fault => ({
  status,
  body: { error: { code: status, message, ...extra } },
});
const stop = { again: false, otherModel: false };
const otherModel = { again: false, otherModel: true };
const passes = { again: true, otherModel: true };

const invalidKey = /"Invalid API key".*miscopied.*expired.*Regenerate/;
const noCredit = /"Insufficient credits".*recharge/;
const noModel = /"Model not found": the name changed\. Check the catalogue/;
const fallback = /fallback takes over/;
const noWords = /failure of the model's provider/;
const html = "<!DOCTYPE html><html><title>Please log in</title></html>";

/** Every row of OpenRouter's error table, and everything else that comes in its place. */
export const answers: readonly AnswerRow[] = [
  {
    name: "400 model",
    fault: error(400, "x/y is not a valid model ID"),
    kind: "model-unknown",
    fix: noModel,
    ...otherModel,
  },
  {
    name: "400 other",
    fault: error(400, "temperature: too large"),
    kind: "bad-request",
    fix: /parameters/,
    ...stop,
  },
  {
    name: "400 must reason",
    fault: error(400, "Reasoning is mandatory for this endpoint and cannot be disabled.", {
      metadata: { provider_name: null },
    }),
    kind: "reasoning-mandatory",
    fix: /fallback/,
    ...otherModel,
  },
  {
    name: "400 must reason, in the provider's words",
    fault: error(400, "Provider returned error", {
      metadata: {
        raw: '{"error":"Thinking/reasoning cannot be disabled for this model"}',
        provider_name: "X",
      },
    }),
    kind: "reasoning-mandatory",
    fix: /fallback/,
    ...otherModel,
  },
  {
    name: "400 of a provider",
    fault: error(400, "Provider returned error", {
      metadata: { raw: "Invalid 'max_output_tokens': integer below minimum value.", provider_name: "Azure" },
    }),
    kind: "bad-request",
    fix: /choose another model/,
    ...otherModel,
  },
  ...[401, 402, 403].map((status) => ({
    name: `${status} of a provider, for an own key of its`,
    fault: error(status, "Provider returned error", {
      metadata: { raw: "invalid x-api-key", provider_name: "Anthropic", is_byok: true },
    }),
    kind: "provider" as const,
    fix: /BYOK/,
    ...otherModel,
  })),
  {
    name: "401 none",
    fault: error(401, "Missing Authentication header"),
    kind: "key-invalid",
    fix: invalidKey,
    ...stop,
  },
  {
    name: "401 unknown",
    fault: error(401, "User not found."),
    kind: "key-invalid",
    fix: invalidKey,
    ...stop,
  },
  {
    name: "401 old",
    fault: error(401, "No auth credentials found"),
    kind: "key-invalid",
    fix: invalidKey,
    ...stop,
  },
  { name: "401 new words", fault: error(401, "Nope"), kind: "key-invalid", fix: invalidKey, ...stop },
  {
    name: "401 bare",
    fault: { status: 401, body: { message: "Nope" } },
    kind: "key-invalid",
    fix: invalidKey,
    ...stop,
  },
  {
    name: "402",
    fault: error(402, "Insufficient credits. Add more"),
    kind: "credits-insufficient",
    fix: noCredit,
    ...stop,
  },
  {
    name: "402 new words",
    fault: error(402, "Pay"),
    kind: "credits-insufficient",
    fix: noCredit,
    ...stop,
  },
  {
    name: "402 max_tokens",
    fault: error(
      402,
      "This request requires more credits, or fewer max_tokens. You requested up to 9 tokens, but can only afford 1.",
    ),
    kind: "answer-too-dear",
    fix: noCredit,
    ...stop,
  },
  {
    name: "402 of a long prompt",
    fault: error(
      402,
      "Prompt tokens limit exceeded: 4386 > 3352. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
    ),
    kind: "answer-too-dear",
    fix: noCredit,
    ...stop,
  },
  ...[
    "This request requires more credits, or fewer max_tokens. You requested up to 16 tokens, but can only afford 0.",
    "Prompt tokens limit exceeded: 230799 > 91442.",
  ].map((words) => ({
    name: `402 of the key's limit: ${words.slice(0, 6)}`,
    fault: error(
      402,
      `${words} To increase, visit https://openrouter.ai/settings/keys and create a key with a higher monthly limit`,
    ),
    kind: "key-limit" as const,
    fix: /limit's reset/,
    ...stop,
  })),
  {
    name: "402 passing, by its header",
    fault: {
      ...error(402, "would exceed your available credits given your current in-flight requests"),
      headers: { "retry-after": "5" },
    },
    kind: "in-flight-budget",
    fix: /wait.* 5 s/,
    ...stop,
  },
  {
    name: "402 passing, by its source",
    fault: error(402, "budget", { metadata: { limit_source: "openrouter_in_flight_budget" } }),
    kind: "in-flight-budget",
    fix: /wait/,
    ...stop,
  },
  ...(
    [
      [402, "openrouter_key_limit", undefined, "key-limit", /limit's reset/],
      [402, "openrouter_credits", "weight_exceeds_budget", "answer-too-dear", /lower `max_tokens`/],
      [402, "openrouter_credits", undefined, "credits-insufficient", noCredit],
      [403, "openrouter_key_limit", undefined, "key-limit", /raise it/],
      [403, "openrouter_workspace_budget", undefined, "workspace-budget", /owner/],
      [403, "openrouter_guardrail_budget", undefined, "guardrail-budget", /manages the guardrails/],
    ] as const
  ).map(([status, limit, reason, kind, fix]) => ({
    name: `${status} of ${reason ?? limit}, by its name alone`,
    fault: error(status, "No.", { metadata: { limit_source: limit, reason } }),
    kind,
    fix,
    ...stop,
  })),
  {
    name: "404 of a model that is free no longer",
    fault: error(
      404,
      "This model is unavailable for free. The paid version is available now - use this slug instead: a/b.",
    ),
    kind: "model-unknown",
    fix: noModel,
    ...otherModel,
  },
  {
    name: "a provider that was lost within its answer",
    fault: {
      status: 200,
      body: {
        error: {
          ...{ code: 502, message: "Network connection lost." },
          metadata: { error_type: "provider_unavailable" },
        },
      },
    },
    kind: "server",
    fix: /fallback/,
    ...passes,
  },
  {
    name: "403 of a guardrail's budget, by its words",
    fault: error(403, "Budget limit exceeded"),
    kind: "guardrail-budget",
    fix: /next period/,
    ...stop,
  },
  {
    name: "403 month",
    fault: error(403, "Key limit exceeded (monthly limit). Manage it"),
    kind: "key-limit",
    fix: /reset/,
    ...stop,
  },
  {
    name: "403 total",
    fault: error(403, "Key limit exceeded (total limit). Manage it"),
    kind: "key-limit",
    fix: /raise it/,
    ...stop,
  },
  {
    name: "403 of an organisation's budget of the key",
    fault: error(403, "API key budget limit exceeded (monthly limit). Contact your org admin."),
    kind: "key-limit",
    fix: /reset/,
    ...stop,
  },
  {
    name: "403 management",
    fault: error(403, "Only management keys can perform this operation"),
    kind: "management-only",
    fix: /nothing is wrong with the key/,
    ...stop,
  },
  {
    name: "403 management key",
    fault: error(403, "Management keys cannot be used for completions"),
    kind: "management-key",
    fix: /ordinary key/,
    ...stop,
  },
  {
    name: "403 workspace",
    fault: error(403, "Workspace monthly budget of $50 exceeded"),
    kind: "workspace-budget",
    fix: /owner/,
    ...stop,
  },
  {
    name: "403 guardrail",
    fault: error(403, "Blocked by guardrail"),
    kind: "forbidden",
    fix: /guardrails/,
    ...stop,
  },
  ...["Your input was flagged", 'a/b requires moderation on Azure. Your input was flagged for "x".'].map(
    (words) => ({
      name: `403 moderation: ${words.slice(0, 10)}`,
      fault: error(403, words, { metadata: { reasons: ["violence"], flagged_input: "x" } }),
      kind: "provider" as const,
      fix: /does not moderate/,
      ...otherModel,
    }),
  ),
  {
    name: "403 of a model that is not offered in the host's region",
    fault: error(403, "This model is not available in your region."),
    kind: "provider",
    fix: /proxy's or VPN's/,
    ...otherModel,
  },
  ...[
    { error: { code: "unsupported_country_region_territory", message: "Country, region, or territory" } },
    JSON.stringify({ error: { message: "Country, region, or territory not supported" } }),
  ].map((raw) => ({
    name: `403 of a provider that does not serve the region, in ${typeof raw === "string" ? "a text" : "an object"}`,
    fault: error(403, "Provider returned error", { metadata: { raw, provider_name: "OpenAI" } }),
    kind: "provider" as const,
    fix: /proxy's or VPN's/,
    ...otherModel,
  })),
  {
    name: "403 of a provider's terms",
    fault: error(403, "The request is prohibited due to a violation of provider Terms Of Service.", {
      metadata: { provider_name: null },
    }),
    kind: "provider",
    fix: /settings\/privacy.*VPN/,
    ...otherModel,
  },
  {
    name: "404 model",
    fault: error(404, "No endpoints found for x/y."),
    kind: "model-unknown",
    fix: noModel,
    ...otherModel,
  },
  {
    name: "404 policy",
    fault: error(404, "No endpoints available matching your guardrail restrictions and data policy"),
    kind: "model-blocked",
    fix: /privacy/,
    ...otherModel,
  },
  ...[
    "No allowed providers are available for the selected model.",
    "All providers have been ignored. To change your default ignored providers, visit: https://openrouter.ai/settings/preferences",
  ].map((words) => ({
    name: `404 of the provider lists: ${words.slice(0, 6)}`,
    fault: error(404, words),
    kind: "model-blocked" as const,
    fix: /Provider Restrictions/,
    ...otherModel,
  })),
  ...["can handle the requested parameters", "support tool use"].map((what) => ({
    name: `404: no provider that ${what}`,
    fault: error(404, `No endpoints found that ${what}. To learn more, visit: https://openrouter.ai/docs`),
    kind: "bad-request" as const,
    fix: /preset.*preferences/,
    ...otherModel,
  })),
  {
    name: "404 of a preset",
    fault: error(404, 'Preset "mine" not found.'),
    kind: "model-unknown",
    fix: /settings\/presets.*workspace of the key/,
    ...otherModel,
  },
  ...[404, 422].map((status) => ({
    name: `${status} of a provider`,
    fault: error(status, "Provider returned error", { metadata: { raw: { detail: "Not Found" } } }),
    kind: "provider" as const,
    fix: /choose another model/,
    ...otherModel,
  })),
  {
    name: "404 of a model that was on trial",
    fault: error(
      404,
      "Healer Alpha was a stealth model revealed on March 18th. Find it here: https://openrouter.ai/xiaomi/mimo-v2-omni",
    ),
    kind: "model-unknown",
    fix: noModel,
    ...otherModel,
  },
  {
    name: "availability before status and words",
    fault: error(503, "No luck today", {
      availability: { code: "model_deprecated", fallback_models: ["a/b", "c/d"], retry_after: null },
    }),
    kind: "model-unknown",
    fix: /suggests a\/b or c\/d/,
    ...otherModel,
  },
  {
    name: "availability in the metadata",
    fault: error(404, "No endpoints found", {
      metadata: { availability: { code: "privacy_restricted", fallback_models: [{ id: "a/b" }] } },
    }),
    kind: "model-blocked",
    fix: /privacy.* suggests a\/b/,
    ...otherModel,
  },
  {
    name: "a region, by availability, with 403",
    fault: error(403, "Forbidden", { availability: { code: "region_restricted", retry_after: 5 } }),
    kind: "model-blocked",
    fix: /region.* 5 s/,
    ...otherModel,
  },
  {
    name: "constraints, by availability alone",
    fault: error(503, "x", { availability: "constraint_filtered", fallback_models: ["a/b"] }),
    kind: "model-blocked",
    fix: /guardrails.* suggests a\/b/,
    ...otherModel,
  },
  {
    name: "a code that is not known yet",
    fault: error(503, "x", { availability: { code: "phase_of_the_moon", fallback_models: ["a/b"] } }),
    kind: "server",
    fix: /suggests a\/b/,
    ...passes,
  },
  {
    name: "a provider that is busy, with its wait in the metadata",
    fault: error(429, "Provider returned error", {
      metadata: { raw: "temporarily rate-limited upstream", retry_after_seconds: 99 },
    }),
    kind: "rate-limited",
    fix: /99 s/,
    ...passes,
  },
  { name: "404 path", fault: error(404, "Not Found"), kind: "not-found", fix: /baseUrl/, ...stop },
  { name: "404 page", fault: { status: 404, text: html }, kind: "not-found", fix: /baseUrl/, ...stop },
  { name: "407", fault: { status: 407, text: html }, kind: "proxy", fix: /HTTPS_PROXY/, ...stop },
  ...[408, 504, 524].map((status) => ({
    name: `${status}`,
    fault: error(status, "Timed out"),
    kind: "timeout" as const,
    fix: fallback,
    ...passes,
  })),
  { name: "524 page", fault: { status: 524, text: html }, kind: "timeout", fix: fallback, ...passes },
  { name: "413", fault: error(413, "Too large"), kind: "too-large", fix: /Shorten/, ...stop },
  { name: "422", fault: error(422, "Unprocessable"), kind: "unprocessable", fix: /parameters/, ...stop },
  {
    name: "429 of the provider",
    fault: error(429, "Provider returned error", {
      metadata: { raw: "x/y is temporarily rate-limited upstream. Please retry shortly" },
    }),
    kind: "rate-limited",
    fix: /your own key of that provider/,
    ...passes,
  },
  {
    name: "429 of OpenRouter",
    fault: error(429, "Rate limit exceeded: free-models-per-min"),
    kind: "rate-limited",
    fix: /Wait and run it again; the fallback/,
    ...passes,
  },
  ...[
    "free-models-per-day. Add 10 credits",
    "limit_rpd/a/b-20260715/89249263. Daily limit reached for a/b:free",
  ].map((words) => ({
    name: `429 per day: ${words.slice(0, 10)}`,
    fault: error(429, `Rate limit exceeded: ${words}`),
    kind: "daily-limit" as const,
    fix: /midnight UTC/,
    ...otherModel,
  })),
  ...[500, 502, 503, 529].map((status) => ({
    name: `${status}`,
    fault: error(status, "Out of order"),
    kind: "server" as const,
    fix: /status\.openrouter\.ai/,
    ...passes,
  })),
  { name: "502 page", fault: { status: 502, text: html }, kind: "server", fix: /again/, ...passes },
  { name: "522 page", fault: { status: 522, text: html }, kind: "server", fix: /again/, ...passes },
  { name: "418", fault: error(418, "Teapot"), kind: "unexpected", fix: /again/, ...stop },

  {
    name: "200 with an error",
    fault: { ...error(402, "Insufficient credits"), status: 200 },
    kind: "credits-insufficient",
    fix: noCredit,
    ...stop,
  },
  {
    name: "200 with an error whose code is a string",
    fault: { status: 200, body: { error: { code: "429", message: "slow down" } } },
    kind: "rate-limited",
    fix: /Wait/,
    ...passes,
  },
  {
    name: "200 with an error without a code",
    fault: { status: 200, body: { error: { message: "Key limit exceeded (total limit)" } } },
    kind: "key-limit",
    fix: /raise it/,
    ...stop,
  },
  {
    name: "200 with a bare error",
    fault: { status: 200, body: { error: "boom" } },
    kind: "provider",
    fix: /again/,
    ...otherModel,
  },
  {
    name: "200 with an error in a choice",
    fault: { status: 200, body: { model: "x/y", choices: [{ error: { code: 502, message: "gone" } }] } },
    kind: "server",
    fix: /again/,
    ...passes,
  },
  {
    name: "200 that ends in an error",
    fault: {
      status: 200,
      body: { model: "x/y", choices: [{ finish_reason: "error", message: { content: "O" } }] },
    },
    kind: "provider",
    fix: /again/,
    ...otherModel,
  },
  {
    name: "a proxy's page",
    fault: { status: 200, text: html },
    kind: "not-json",
    fix: /proxy, firewall or login page/,
    ...stop,
  },
  {
    name: "a firewall's page",
    fault: { status: 403, text: html },
    kind: "not-json",
    fix: /NO_PROXY/,
    ...stop,
  },
  {
    name: "a redirect",
    fault: { status: 302, text: "", headers: { location: "/login" } },
    kind: "not-json",
    fix: /login page/,
    ...stop,
  },
  ...[
    '<!DOCTYPE html><title>Just a moment...</title><div class="cf-wrapper"></div>',
    "<html><title>Attention Required! | Cloudflare</title></html>",
    "error code: 1020",
  ].map((text) => ({
    name: `403 of Cloudflare: ${text.slice(0, 30)}`,
    fault: { status: 403, text },
    kind: "not-json" as const,
    fix: /proxy's or VPN's/,
    ...stop,
  })),
  ...[401, 403, 451].map((status) => ({
    name: `${status} without a body, as of a firewall`,
    fault: { status, text: "" },
    kind: "not-json" as const,
    fix: /proxy, firewall/,
    ...stop,
  })),
  {
    name: "403 that is interrupted: no refusal is repeated",
    fault: { status: 403, text: '{"error":{"code":403,"mess' },
    kind: "cut-off",
    fix: /again/,
    again: false,
    otherModel: true,
  },
  { name: "no body", fault: { status: 200, text: "\n\n\n" }, kind: "cut-off", fix: /again/, ...passes },
  {
    name: "half a body",
    fault: { status: 200, text: '\n\n{"model":"x/y","choi' },
    kind: "cut-off",
    fix: /again/,
    ...passes,
  },
  { name: "a broken connection", fault: { cutAfterBytes: 30 }, kind: "cut-off", fix: /again/, ...passes },
  {
    name: "an empty answer",
    fault: { content: "  ", model: "anthropic/claude-haiku-4.5" },
    kind: "no-answer",
    fix: noWords,
    ...otherModel,
  },
  {
    name: "no choice",
    fault: { status: 200, body: { model: "x/y", choices: [] } },
    kind: "no-answer",
    fix: noWords,
    ...otherModel,
  },
  ...[
    { model: "x/y" },
    { model: "x/y", choices: null },
    { model: "x/y", choices: [{ index: 0, finish_reason: "stop" }] },
    { model: "x/y", choices: [{ finish_reason: null, message: { role: "assistant", content: null } }] },
    { model: "x/y", choices: [{ finish_reason: "stop", message: { role: "assistant", content: null } }] },
    { model: "x/y", choices: [{ finish_reason: "stop", message: { role: "assistant", content: [] } }] },
  ].map((body) => ({
    name: `no words: ${JSON.stringify(body)}`,
    fault: { status: 200, body },
    kind: "no-answer" as const,
    fix: noWords,
    ...otherModel,
  })),
  {
    name: "a stream, which nobody asked for",
    fault: { status: 200, text: ': x\n\ndata: {"model":"x/y","choices":[]}\n\ndata: [DONE]\n\n' },
    kind: "not-json",
    fix: /HTTPS_PROXY/,
    ...stop,
  },
  {
    name: "no model",
    fault: { status: 200, body: { choices: [{ finish_reason: "stop", message: { content: "OK" } }] } },
    kind: "unexpected",
    fix: /shape/,
    ...stop,
  },
  {
    name: "no end",
    fault: {
      status: 200,
      body: { model: "x/y", choices: [{ finish_reason: null, message: { content: "OK" } }] },
    },
    kind: "cut-off",
    fix: /again/,
    ...passes,
  },
];
