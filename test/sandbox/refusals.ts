import type { Bench } from "./judge";

/** A refusal that the real OpenRouter gives, and where it was seen. */
export interface RefusalRow {
  readonly name: string;
  readonly status: number;
  readonly message: RegExp;
  /**
   * `spec`: an example in OpenRouter's OpenAPI document; `doc`: its documentation; `seen`: reported by users word for
   * word; `own`: status from the documentation, words of our own.
   */
  readonly source: "spec" | "doc" | "seen" | "own";
  /** Makes the call that is refused. */
  provoke(bench: Bench): Promise<unknown>;
}

const messages = [{ role: "user" as const, content: "Reply just OK" }];
const model = "anthropic/claude-haiku-4.5";
const ask = { chatRequest: { model, messages, maxTokens: 16 } };
const spent = { total: 30, daily: 30, weekly: 30, monthly: 30 };

/** The table: status, message and source of every refusal that the sandbox gives by itself. */
export const refusals: readonly RefusalRow[] = [
  {
    name: "no key",
    status: 401,
    message: /^Missing Authentication header$/,
    source: "spec",
    provoke: async ({ baseUrl }) => {
      const response = await fetch(`${baseUrl}/key`);
      const { error } = (await response.json()) as { error: { message: string } };
      throw Object.assign(new Error(error.message), { statusCode: response.status });
    },
  },
  {
    name: "an unknown key",
    status: 401,
    message: /^User not found\.$/,
    source: "seen",
    provoke: ({ client }) => client(`sk-or-v1-${"0".repeat(64)}`).chat.send(ask),
  },
  {
    name: "a disabled key",
    status: 401,
    message: /disabled/,
    source: "own",
    provoke: async ({ control, user, userKey }) => {
      await control.putKey({ key: userKey, disabled: true });
      return user.apiKeys.getCurrentKeyMetadata();
    },
  },
  {
    name: "an expired key",
    status: 401,
    message: /expired/,
    source: "own",
    provoke: async ({ control, user, userKey }) => {
      await control.putKey({ key: userKey, expiresAt: "2026-11-30T12:00:00Z" });
      await control.setClock("2026-11-30T12:00:00Z");
      return user.apiKeys.getCurrentKeyMetadata();
    },
  },
  {
    name: "an unknown model",
    status: 400,
    message: /^anthropic\/claude-haiku-3\.5 is not a valid model ID$/,
    source: "seen",
    provoke: ({ user }) =>
      user.chat.send({ chatRequest: { ...ask.chatRequest, model: "anthropic/claude-haiku-3.5" } }),
  },
  {
    name: "four models",
    status: 400,
    message: /^'models' array must have 3 items or fewer\.$/,
    source: "seen",
    provoke: ({ user }) =>
      user.chat.send({ chatRequest: { messages, models: [model, model, model, model] } }),
  },
  {
    name: "no messages",
    status: 400,
    message: /^Input required: specify "prompt" or "messages"$/,
    source: "seen",
    provoke: ({ user }) => user.chat.send({ chatRequest: { model, messages: [] } }),
  },
  {
    name: "a model that has left the catalogue",
    status: 404,
    message: /^No endpoints found for openai\/gpt-5-mini\.$/,
    source: "seen",
    provoke: async ({ control, user }) => {
      await control.putModel({ id: "openai/gpt-5-mini", expirationDate: "2020-01-01" });
      return user.chat.send({ chatRequest: { ...ask.chatRequest, model: "openai/gpt-5-mini" } });
    },
  },
  {
    name: "an empty account",
    status: 402,
    message: /^Insufficient credits\. /,
    source: "seen",
    provoke: async ({ control, user }) => {
      await control.putAccount({ totalCredits: 10, totalUsage: 10 });
      return user.chat.send(ask);
    },
  },
  {
    name: "no max_tokens, and credit for less than the model's longest answer",
    status: 402,
    message:
      /^This request requires more credits, or fewer max_tokens\. You requested up to 64000 tokens, but can only afford \d+\. To increase, visit https:\/\/openrouter\.ai\/settings\/credits/,
    source: "seen",
    provoke: async ({ control, user }) => {
      await control.putAccount({ totalCredits: 10.1, totalUsage: 10 });
      return user.chat.send({ chatRequest: { model, messages } });
    },
  },
  ...(["daily", "weekly", "monthly", null] as const).map(
    (limitReset): RefusalRow => ({
      name: `a spent limit, ${limitReset ?? "for life"}`,
      status: 403,
      message: new RegExp(
        `^Key limit exceeded \\(${limitReset ?? "total"} limit\\)\\. Manage it using https://`,
      ),
      source: "seen",
      provoke: async ({ control, user, userKey }) => {
        await control.putKey({ key: userKey, limitReset, usage: spent });
        return user.chat.send(ask);
      },
    }),
  ),
  {
    name: "the account's credit, by an ordinary key",
    status: 403,
    message: /^Only management keys can perform this operation$/,
    source: "spec",
    provoke: ({ user }) => user.credits.getCredits(),
  },
  {
    name: "the keys, by an ordinary key",
    status: 403,
    // The official client knows no 403 here, and quotes the body.
    message: /"Only management keys can perform this operation"/,
    source: "spec",
    provoke: ({ user }) => user.apiKeys.list(),
  },
  {
    name: "a chat, by a management key",
    status: 403,
    message: /^Management keys cannot be used/,
    source: "doc",
    provoke: ({ manager }) => manager.chat.send(ask),
  },
  {
    name: "a key that is not there",
    status: 404,
    message: /not found/i,
    source: "own",
    provoke: ({ manager }) => manager.apiKeys.get({ hash: "0".repeat(64) }),
  },
  {
    name: "a provider out of order, on demand",
    status: 503,
    message: /Fault on demand/,
    source: "own",
    provoke: async ({ control, user }) => {
      await control.addFault({ model, status: 503 });
      return user.chat.send(ask);
    },
  },
];
