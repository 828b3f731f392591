import assert from "node:assert/strict";
import type { OpenRouter } from "@openrouter/sdk";
import { settingsSchema } from "../../lib/config/settings";
import { type Sandbox, type SandboxControl, sandboxControl } from "../support/sandbox";
import { refusals } from "./refusals";

/** What a step of the judge works with. */
export interface Bench {
  readonly baseUrl: string;
  readonly control: SandboxControl;
  /** OpenRouter's own client with an ordinary key, whose strict schemas every answer must pass. */
  readonly user: OpenRouter;
  readonly userKey: string;
  /** The same with a management key. */
  readonly manager: OpenRouter;
  /** A client with another key. */
  client(key: string): OpenRouter;
}

const userKey = `sk-or-v1-${"a1".repeat(32)}`;
const managerKey = `sk-or-v1-${"b2".repeat(32)}`;
const model = "anthropic/claude-haiku-4.5";
const llama = "meta-llama/llama-3.3-70b-instruct";
const defaultWorkspace = "0df9e665-d932-5740-b2c7-b52af166bc11";
const ask = (extra: object = {}) => ({
  chatRequest: {
    model,
    messages: [{ role: "user" as const, content: "Reply just OK" }],
    maxTokens: 16,
    ...extra,
  },
});

/** Each step begins with a fresh key, a full account, no faults, and the machine's clock. */
const steps: Record<string, (bench: Bench) => Promise<void>> = {
  "the key's metadata, by both paths": async ({ user, baseUrl, userKey }) => {
    const { data } = await user.apiKeys.getCurrentKeyMetadata();
    assert.equal(data.label, "sk-or-v1-a1a...1a1");
    assert.deepEqual([data.limit, data.limitRemaining, data.limitReset], [30, 30, "monthly"]);
    assert.equal(data.isManagementKey, false);
    const headers = { authorization: `Bearer ${userKey}` };
    const [guide, present] = await Promise.all(
      ["/auth/key", "/key"].map(async (path) => (await fetch(`${baseUrl}${path}`, { headers })).json()),
    );
    assert.deepEqual(guide, present);
  },

  "an unlimited key": async ({ user, control }) => {
    await control.putKey({ key: userKey, limit: null });
    const { data } = await user.apiKeys.getCurrentKeyMetadata();
    assert.deepEqual([data.limit, data.limitRemaining], [null, null]);
  },

  "the catalogue, public, with every default model": async ({ client }) => {
    const { data } = (await client("sk-or-v1-nobody").models.list()).result;
    const ids = data.map((entry) => entry.id);
    for (const id of Object.values(settingsSchema.parse({}).models)) assert.ok(ids.includes(id), id);
    const find = (id: string) => data.find((entry) => entry.id === id);
    for (const id of Object.values(settingsSchema.parse({}).models))
      assert.ok(Number(find(id)?.pricing.prompt) > 0, id);
    assert.equal(data.find((entry) => entry.aliasTarget)?.aliasTarget?.slug, "anthropic/claude-sonnet-5");
    assert.equal(find("google/gemini-2.5-pro")?.reasoning?.mandatory, true);
    assert.equal(find("anthropic/claude-sonnet-5")?.reasoning?.mandatory, false);
    assert.equal(find("openrouter/auto")?.pricing.prompt, "-1");
    assert.equal(find("openrouter/auto")?.reasoning, undefined);
    assert.equal(find(`${llama}:free`)?.canonicalSlug, find(llama)?.canonicalSlug);
    assert.equal(Number(find(`${llama}:free`)?.pricing.prompt), 0);
  },

  "the models of a key, by its workspace's guardrail": async ({ user, userKey, control }) => {
    const ids = async () => {
      const pages = await user.models.listForUser({ bearer: userKey });
      return pages.result.data.map((entry) => entry.id);
    };
    assert.ok((await ids()).includes("google/gemini-2.5-flash"));
    await control.putWorkspace({ id: defaultWorkspace, allowedModels: [model] });
    assert.deepEqual(await ids(), [model]);
    assert.equal(((await user.chat.send(ask())) as { model: string }).model, model);
    await assert.rejects(user.chat.send(ask({ model: "google/gemini-2.5-flash" })), { statusCode: 404 });
  },

  "models that must reason, and one that may": async ({ user }) => {
    const pro = "google/gemini-2.5-pro";
    await assert.rejects(user.chat.send(ask({ model: pro, reasoning: { effort: "none" } })), {
      statusCode: 400,
      message: /Reasoning is mandatory/,
    });
    const short = await user.chat.send(ask({ model: pro }));
    assert.ok("choices" in short);
    assert.deepEqual(
      [short.choices[0]?.message.content, short.choices[0]?.finishReason, short.usage?.completionTokens],
      ["", "length", 16],
    );
    assert.equal(short.usage?.completionTokensDetails?.reasoningTokens, 16);
    const long = await user.chat.send(ask({ model: pro, maxTokens: 200 }));
    assert.ok("choices" in long);
    assert.equal(long.choices[0]?.message.content, "OK");
    assert.ok(long.choices[0]?.message.reasoning);
    const may = await user.chat.send(ask({ reasoning: { effort: "none" } }));
    assert.ok("choices" in may);
    assert.equal(may.usage?.completionTokensDetails?.reasoningTokens, 0);
  },

  "routers, variants and presets": async ({ user, control }) => {
    await control.putAccount({ presets: { mine: "deepseek/deepseek-v3.2" } });
    for (const [asked, answered] of [
      ["openrouter/auto", "google/gemini-2.5-flash"],
      ["openrouter/free", `${llama}:free`],
      [`${model}:nitro`, model],
      [`${llama}:free`, `${llama}:free`],
      ["@preset/mine", "deepseek/deepseek-v3.2"],
      [`${model}@preset/mine`, model],
    ]) {
      const result = await user.chat.send(ask({ model: asked }));
      assert.ok("choices" in result);
      assert.equal(result.model, answered, asked);
    }
    await assert.rejects(user.chat.send(ask({ model: "@preset/other" })), { statusCode: 400 });
    await assert.rejects(user.chat.send(ask({ model: `${model}:free` })), { statusCode: 400 });
  },

  "free models of an account without credit, and of one that owes": async ({ user, control }) => {
    const free = ask({ model: `${llama}:free` });
    await control.putAccount({ totalCredits: 10, totalUsage: 10 });
    await assert.rejects(user.chat.send(ask()), { statusCode: 402 });
    assert.equal(((await user.chat.send(free)) as { model: string }).model, `${llama}:free`);
    await control.putAccount({ totalCredits: 10, totalUsage: 10.01 });
    await assert.rejects(user.chat.send(free), { statusCode: 402 });
  },

  "an own key of a provider": async ({ user, manager, control, userKey }) => {
    await control.putAccount({ byokAuthors: ["anthropic"] });
    const before = await manager.credits.getCredits();
    const result = await user.chat.send(ask());
    assert.ok("choices" in result);
    assert.equal(result.usage?.isByok, true);
    assert.equal(result.usage?.cost, 0);
    const upstream = result.usage?.costDetails?.upstreamInferenceCost ?? 0;
    assert.ok(upstream > 0);
    const { data } = await user.apiKeys.getCurrentKeyMetadata();
    same(data.byokUsageMonthly, upstream);
    assert.deepEqual([data.usageMonthly, data.limitRemaining], [0, 30]);
    same((await manager.credits.getCredits()).data.totalUsage, before.data.totalUsage);
    // A limit binds it only if it is included.
    const usage = { total: 31, daily: 31, weekly: 31, monthly: 31 };
    await control.putKey({ key: userKey, byokUsage: usage });
    await user.chat.send(ask());
    await control.putKey({ key: userKey, includeByokInLimit: true });
    assert.equal((await user.apiKeys.getCurrentKeyMetadata()).data.limitRemaining, 0);
    await assert.rejects(user.chat.send(ask()), { statusCode: 403 });
  },

  workspaces: async ({ manager, client, control }) => {
    const workspaces = (await manager.workspaces.list()).result.data;
    assert.deepEqual(
      workspaces.map(({ slug }) => slug),
      ["default", "team"],
    );
    const workspaceId = workspaces[1]!.id;
    const { data, key } = await manager.apiKeys.create({ requestBody: { name: "theirs", workspaceId } });
    assert.equal(data.workspaceId, workspaceId);
    assert.equal((await client(key).apiKeys.getCurrentKeyMetadata()).data.workspaceId, workspaceId);
    const listed = async (id?: string) =>
      (await manager.apiKeys.list(id ? { workspaceId: id } : {})).data.map(({ hash }) => hash);
    assert.deepEqual(await listed(workspaceId), [data.hash]);
    assert.equal((await listed()).includes(data.hash), false);
    await control.putWorkspace({ id: workspaceId, monthlyBudget: 0 });
    await assert.rejects(client(key).chat.send(ask()), {
      statusCode: 403,
      message: /^Workspace monthly budget of \$0\.00 exceeded/,
    });
    await manager.apiKeys.delete({ hash: data.hash });
  },

  "a model that expires": async ({ user, control }) => {
    await control.putModel({ id: "openai/gpt-5-mini", expirationDate: "2027-01-31" });
    const has = async () =>
      (await user.models.list()).result.data.some((entry) => entry.id === "openai/gpt-5-mini");
    await control.setClock("2027-01-30T23:59:59Z");
    assert.equal(await has(), true);
    await control.setClock("2027-01-31T00:00:00Z");
    assert.equal(await has(), false);
  },

  "a chat, its price and its debit": async ({ user, manager }) => {
    const before = await manager.credits.getCredits();
    const result = await user.chat.send(ask());
    assert.ok("choices" in result);
    assert.equal(result.choices[0]?.message.content, "OK");
    assert.equal(result.choices[0]?.finishReason, "stop");
    assert.equal(result.model, model);
    const { promptTokens, completionTokens, totalTokens, cost } = result.usage!;
    assert.equal(totalTokens, promptTokens + completionTokens);
    same(cost!, promptTokens * 0.000001 + completionTokens * 0.000005);
    const { data } = await user.apiKeys.getCurrentKeyMetadata();
    for (const spent of [data.usage, data.usageDaily, data.usageWeekly, data.usageMonthly])
      same(spent, cost!);
    same(data.limitRemaining!, 30 - cost!);
    same((await manager.credits.getCredits()).data.totalUsage - before.data.totalUsage, cost!);
  },

  "an answer that is too long": async ({ user }) => {
    const messages = [{ role: "user" as const, content: "Tell me a story" }];
    const result = await user.chat.send(ask({ messages, maxTokens: 2 }));
    assert.ok("choices" in result);
    assert.equal(result.choices[0]?.finishReason, "length");
    assert.equal(result.usage?.completionTokens, 2);
  },

  "a stream": async ({ user, baseUrl, userKey }) => {
    const stream = await user.chat.send(ask({ stream: true }));
    assert.ok(Symbol.asyncIterator in stream);
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(chunks[0]?.choices[0]?.delta.role, "assistant");
    assert.equal(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), "OK");
    assert.ok(chunks.some((chunk) => chunk.choices[0]?.finishReason === "stop"));
    assert.deepEqual(chunks.at(-1)?.choices, []);
    assert.ok((chunks.at(-1)?.usage?.cost ?? 0) > 0);

    const raw = await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${userKey}`, "content-type": "application/json" },
      // As the gateway asks: tools, and another name for the longest answer.
      body: JSON.stringify({
        model,
        messages: [{ role: "user", content: [{ type: "text", text: "Reply OK" }] }],
        stream: true,
        stream_options: { include_usage: true },
        max_completion_tokens: 8192,
        tools: [{ type: "function", function: { name: "read", parameters: { type: "object" } } }],
      }),
    });
    assert.match(raw.headers.get("content-type") ?? "", /^text\/event-stream/);
    assert.match(await raw.text(), /^: OPENROUTER PROCESSING\n\ndata: \{.*data: \[DONE\]\n\n$/s);
  },

  "an error in the middle of a stream, and in a choice": async ({ user, control, baseUrl, userKey }) => {
    await control.addFault({ model, error: { code: 502, message: "Provider disconnected" } });
    const stream = await user.chat.send(ask({ stream: true }));
    assert.ok(Symbol.asyncIterator in stream);
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    assert.equal(chunks.at(-1)?.error?.message, "Provider disconnected");
    assert.equal(chunks.at(-1)?.choices[0]?.finishReason, "error");
    const raw = await fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${userKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model, messages: [{ role: "user", content: "OK?" }], max_tokens: 5 }),
    });
    assert.equal(raw.status, 200);
    const body = (await raw.json()) as { choices: { error: { code: number } }[] };
    assert.equal(body.choices[0]?.error.code, 502);
  },

  "the next model takes over on the server": async ({ user, control }) => {
    await control.addFault({ model, status: 503 });
    const result = await user.chat.send(ask({ models: ["google/gemini-2.5-flash"] }));
    assert.ok("choices" in result);
    assert.equal(result.model, "google/gemini-2.5-flash");
  },

  "an alias answers as what it stands for": async ({ user }) => {
    const result = await user.chat.send(ask({ model: "~anthropic/claude-sonnet-latest" }));
    assert.ok("choices" in result);
    assert.equal(result.model, "anthropic/claude-sonnet-5");
  },

  "counters and limits start again at UTC boundaries": async ({ user, control }) => {
    const usage = { total: 4, daily: 1, weekly: 2, monthly: 3 };
    // From, to, and what is left of the counters of day, week and month.
    const boundaries: [string, string, [number, number, number]][] = [
      ["2026-11-24T10:00:00Z", "2026-11-24T23:59:59.999Z", [1, 2, 3]],
      ["2026-11-24T10:00:00Z", "2026-11-25T00:00:00Z", [0, 2, 3]],
      ["2026-11-28T10:00:00Z", "2026-11-29T23:59:59Z", [0, 2, 3]],
      ["2026-11-29T10:00:00Z", "2026-11-30T00:00:00Z", [0, 0, 3]],
      ["2026-11-30T10:00:00Z", "2026-12-01T00:00:00Z", [0, 2, 0]],
      ["2028-02-28T23:00:00Z", "2028-02-29T00:00:00Z", [0, 2, 3]],
      ["2028-02-29T23:59:59Z", "2028-03-01T00:00:00Z", [0, 2, 0]],
      ["2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", [0, 2, 0]],
    ];
    for (const [from, to, [daily, weekly, monthly]] of boundaries) {
      await control.setClock(from);
      await control.putKey({ key: userKey, usage });
      await control.setClock(to);
      const { data } = await user.apiKeys.getCurrentKeyMetadata();
      const found = [data.usage, data.usageDaily, data.usageWeekly, data.usageMonthly];
      assert.deepEqual(found, [4, daily, weekly, monthly], `${from} to ${to}`);
      assert.equal(data.limitRemaining, 30 - monthly, `${from} to ${to}`);
    }
  },

  "a spent limit is free again after its reset, one for life is not": async ({ user, control }) => {
    for (const [limitReset, answers] of [
      ["daily", true],
      ["weekly", false],
      ["monthly", true],
      [null, false],
    ] as const) {
      await control.setClock("2026-12-31T23:00:00Z");
      const usage = { total: 30, daily: 30, weekly: 30, monthly: 30 };
      await control.putKey({ key: userKey, limit: 30, limitReset, usage });
      await assert.rejects(user.chat.send(ask()), { statusCode: 403 });
      // A Friday: another day, month and year, and the same week.
      await control.setClock("2027-01-01T00:00:00Z");
      if (answers) await user.chat.send(ask());
      else await assert.rejects(user.chat.send(ask()), { statusCode: 403 });
    }
  },

  "the keys API": async ({ manager, client }) => {
    const requestBody = { name: "CI", limit: 5, limitReset: "weekly" as const, includeByokInLimit: true };
    const { data, key } = await manager.apiKeys.create({ requestBody });
    assert.match(key, /^sk-or-v1-[0-9a-f]{64}$/);
    assert.match(data.hash, /^[0-9a-f]{64}$/);
    assert.deepEqual(
      [data.name, data.limit, data.limitReset, data.includeByokInLimit],
      ["CI", 5, "weekly", true],
    );
    assert.equal((await client(key).apiKeys.getCurrentKeyMetadata()).data.limit, 5);

    const { hash } = data;
    await manager.apiKeys.update({ hash, requestBody: { limit: 7, limitReset: null } });
    const changed = (await manager.apiKeys.get({ hash })).data;
    assert.deepEqual([changed.limit, changed.limitReset, changed.name], [7, null, "CI"]);
    assert.notEqual(changed.updatedAt, null);
    const listed = async (includeDisabled: boolean) =>
      (await manager.apiKeys.list({ includeDisabled })).data.some((item) => item.hash === hash);
    assert.equal(await listed(false), true);
    await manager.apiKeys.update({ hash, requestBody: { disabled: true } });
    assert.deepEqual([await listed(false), await listed(true)], [false, true]);
    await assert.rejects(client(key).apiKeys.getCurrentKeyMetadata(), { statusCode: 401 });
    assert.equal((await manager.apiKeys.delete({ hash })).deleted, true);
    await assert.rejects(manager.apiKeys.get({ hash }), { statusCode: 404 });
  },

  "every refusal, by status and message": async (bench) => {
    for (const { name, provoke, status, message } of refusals) {
      await reset(bench.control);
      const error: unknown = await provoke(bench).then(
        () => assert.fail(`${name}: not refused`),
        (reason) => reason,
      );
      assert.ok(error instanceof Error && "statusCode" in error, `${name}: ${error}`);
      assert.deepEqual([name, error.statusCode], [name, status]);
      assert.match(error.message, message);
    }
  },
};

/** Runs every step against a sandbox. Returns what is wrong with it: nothing, where it is right. */
export async function judge(sandbox: Sandbox): Promise<string[]> {
  const { OpenRouter } = await import("@openrouter/sdk");
  const client = (apiKey: string) =>
    new OpenRouter({
      apiKey,
      serverURL: sandbox.baseUrl,
      retryConfig: { strategy: "none" },
      timeoutMs: 5000,
    });
  const control = sandboxControl(sandbox.port);
  const bench: Bench = {
    baseUrl: sandbox.baseUrl,
    control,
    user: client(userKey),
    userKey,
    manager: client(managerKey),
    client,
  };
  const faults: string[] = [];
  for (const [name, step] of Object.entries(steps)) {
    await reset(control);
    await step(bench).catch((error: unknown) =>
      faults.push(`${name}: ${error instanceof Error ? error.message : error}`),
    );
  }
  return faults;
}

async function reset(control: SandboxControl): Promise<void> {
  await control.setClock(null);
  await control.clearFaults();
  await control.putAccount({ totalCredits: 100, totalUsage: 0, byokAuthors: [], presets: {} });
  await control.putWorkspace({ id: defaultWorkspace, monthlyBudget: null, allowedModels: null });
  const usage = { total: 0, daily: 0, weekly: 0, monthly: 0 };
  const fresh = { disabled: false, limit: 30, limitReset: "monthly" as const, expiresAt: null, usage };
  const byok = { byokUsage: usage, includeByokInLimit: false };
  await control.putKey({ key: userKey, ...fresh, ...byok });
  await control.putKey({ key: managerKey, management: true, limit: null, limitReset: null });
}

function same(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-9, `${found} is not ${expected}`);
}
