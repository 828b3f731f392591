import { ChatBudget } from "../../lib/check/chat-budget";
import { chatDefault, chatFallback } from "../../lib/check/checks/chat";
import { modelsKnown } from "../../lib/check/checks/models-known";
import type { CheckContext } from "../../lib/check/context";
import type { ChatRequest } from "../../lib/openrouter/client";
import type { ChatAnswer, Model } from "../../lib/openrouter/schemas";
import { catalogueModel as model } from "../openrouter/models";

const sonnet = model("anthropic/claude-sonnet-5", {
  canonicalSlug: "anthropic/claude-5-sonnet-20260219",
  promptPrice: 0.000003,
  completionPrice: 0.000015,
  supportedParameters: ["reasoning", "tools"],
});
const catalogue = [
  sonnet,
  model("anthropic/claude-haiku-4.5"),
  model("google/gemini-2.5-flash"),
  model("x/dear", { completionPrice: 0.0000201 }),
];

interface World {
  default?: string;
  fallback?: string;
  catalogue?: Model[] | Error;
  answer?: Partial<ChatAnswer>;
  maxTokens?: number;
}

function world(given: World): { context: CheckContext; asked: ChatRequest[] } {
  const asked: ChatRequest[] = [];
  const fallback = given.fallback ?? "anthropic/claude-haiku-4.5";
  const context = {
    parameters: {
      model: given.default ?? sonnet.id,
      otherModels: { fallback, experimentation: "google/gemini-2.5-flash", french: fallback, open: fallback },
      maxTokens: given.maxTokens ?? 16,
      budget: { priceCeiling: 20 },
    },
    now: () => new Date("2026-11-23T12:00:00Z"),
    chatBudget: new ChatBudget(0.005),
    catalogue: async () => {
      if (given.catalogue instanceof Error) throw given.catalogue;
      return given.catalogue ?? catalogue;
    },
    openRouter: async () => ({
      chat: async (request: ChatRequest): Promise<ChatAnswer> => {
        asked.push(request);
        return {
          model: request.model,
          content: "OK",
          finishReason: "stop",
          promptTokens: 11,
          completionTokens: 1,
          reasoned: false,
          byokCost: undefined,
          cost: 0.00005,
          ...given.answer,
        };
      },
    }),
  } as unknown as CheckContext;
  return { context, asked };
}

describe("models.known", () => {
  const run = (given: World) => modelsKnown.run(world(given).context);

  test("by id, by permanent name, and with a suffix for routing", async () => {
    for (const id of [sonnet.id, sonnet.canonicalSlug, `${sonnet.id}:nitro`]) {
      expect(await run({ default: id })).toMatchObject({
        status: "pass",
        summary: expect.stringContaining("3/15 USD"),
      });
    }
  });

  test.each([
    ["mistral/mistral-large-latest", /mistralai\/mistral-large-2512 or mistralai\/mistral-large/],
    ["anthropic/claude-sonnet-4-20250514", /anthropic\/claude-sonnet-5/],
    ["anthropic/claude-haiku-3.5", /anthropic\/claude-haiku-4\.5/],
    ["google/gemini-2.0-flash-001", /google\/gemini-2\.5-flash/],
    ["anthropic/claude-sonet-5", /to anthropic\/claude-sonnet-5 or/],
  ])("%s is not, and its successor or the nearest is named", async (id, fix) => {
    const finding = await run({ default: id });
    expect(finding).toMatchObject({ status: "fail", summary: expect.stringContaining(id) });
    expect(finding.fix).toMatch(/"Model not found": set models\.default to/);
    expect(finding.fix).toMatch(fix);
  });

  test.each([
    ["2026-12-23", "warn"],
    ["2026-12-24", "pass"],
    ["2026-11-01", "warn"],
    ["soon", "warn"],
  ])("leaving the catalogue on %s: %s", async (expirationDate, status) => {
    const leaving = catalogue.map((entry) => (entry === sonnet ? { ...sonnet, expirationDate } : entry));
    expect((await run({ catalogue: leaving })).status).toBe(status);
  });

  test("a model above the price ceiling warns, one at it does not", async () => {
    expect(await run({ default: "x/dear" })).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("1/20.1 USD"),
    });
    const at = [...catalogue, model("x/at", { completionPrice: 0.00002 })];
    expect((await run({ default: "x/at", catalogue: at })).status).toBe("pass");
  });
});

describe("models.known, of what the key may use", () => {
  const run = (own: () => Promise<Model[]>) => {
    const { context } = world({});
    return modelsKnown.run({ ...context, openRouter: async () => ({ listOwnModels: own }) } as never);
  };

  test("a model that is excluded fails, and what may replace it is named", async () => {
    const finding = await run(async () => catalogue.filter(({ id }) => id !== sonnet.id));
    expect(finding).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/claude-sonnet-5 is in the catalogue, but this key may not use it/),
      fix: expect.stringMatching(/models\.default to anthropic\/claude-haiku-4\.5/),
    });
  });

  test("a key that may use no model fails, and no model is suggested", async () => {
    const finding = await run(async () => []);
    expect(finding).toMatchObject({ status: "fail", fix: expect.stringContaining("may use none") });
  });

  test("a model of the key's alone is known", async () => {
    const { context } = world({ default: "x/private" });
    const openRouter = async () => ({ listOwnModels: async () => [...catalogue, model("x/private")] });
    expect(await modelsKnown.run({ ...context, openRouter } as never)).toMatchObject({ status: "pass" });
  });

  test("that it is not known is reported, and the catalogue counts", async () => {
    const finding = await run(async () => {
      throw new Error("no such path");
    });
    expect(finding).toMatchObject({ status: "pass" });
    expect(finding.details?.join()).toContain("was not compared: no such path");
  });
});

describe("models.known, of ids that are no plain ones", () => {
  const llama = "meta-llama/llama-3.3-70b-instruct";
  const twins = [
    model(`${llama}:free`, { canonicalSlug: llama, promptPrice: 0, completionPrice: 0 }),
    model(llama, { promptPrice: 0.0000001, completionPrice: 0.00000032 }),
    model("openrouter/auto", { promptPrice: undefined, completionPrice: undefined }),
    model("~anthropic/claude-sonnet-latest", { aliasTarget: sonnet.id, promptPrice: 0.000003 }),
    ...catalogue,
  ];
  const run = (id: string, priceCeiling = 20) => {
    const { context } = world({ default: id, catalogue: twins });
    context.parameters.budget.priceCeiling = priceCeiling;
    return modelsKnown.run(context);
  };

  test("a paid model has its own price, not its free twin's", async () => {
    expect(await run(llama)).toMatchObject({ status: "pass", summary: expect.stringContaining("0.1/0.32") });
    expect((await run(llama, 0.2)).summary).toContain(`${llama}, 0.1/0.32 USD a million tokens, above`);
    expect(await run(`${llama}:free`)).toMatchObject({ summary: expect.stringContaining("default 0/0 USD") });
  });

  test("the unknown price of a router is reported, and is above no ceiling", async () => {
    expect(await run("openrouter/auto")).toMatchObject({
      status: "pass",
      summary: "all 3 are listed; default at a price known only by each answer",
    });
  });

  test("an alias is reported with what it stands for", async () => {
    const finding = await run("~anthropic/claude-sonnet-latest");
    expect(finding.details?.[0]).toContain("stands for anthropic/claude-sonnet-5");
  });

  test("a preset is the account's, and in no catalogue", async () => {
    expect(await run("@preset/mine")).toMatchObject({
      status: "pass",
      summary: expect.stringMatching(/^2 of 3 are listed, 1 by a preset of the account/),
    });
    expect((await run(`${llama}@preset/mine`)).status).toBe("pass");
    expect((await run("x/none@preset/mine")).status).toBe("fail");
  });

  test("an alias without its tilde is reported as the alias", async () => {
    expect((await run("anthropic/claude-sonnet-latest")).fix).toMatch(
      /models\.default to ~anthropic\/claude-sonnet-latest or/,
    );
  });

  test("a model that lists no tools is a warning, since OpenClaw sends them; one that lists nothing is none", async () => {
    const mute = model("x/mute", { supportedParameters: ["max_tokens"] });
    const { context } = world({ default: mute.id, catalogue: [mute, ...catalogue] });
    expect(await modelsKnown.run(context)).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("supports no tools, which OpenClaw sends"),
      problems: [expect.objectContaining({ warning: "tools:x/mute" })],
    });
    for (const id of [sonnet.id, llama]) expect((await run(id)).status).toBe("pass");
    // One that is accepted hides no other.
    const dear = { ...mute, completionPrice: 0.00003 };
    const both = await modelsKnown.run(world({ default: mute.id, catalogue: [dear, ...catalogue] }).context);
    expect(both.problems?.map(({ warning }) => warning)).toEqual(["price:x/mute", "tools:x/mute"]);
  });

  test("a router or a variant that nobody has is not known", async () => {
    expect((await run("openrouter/deepseek-v4-flash")).status).toBe("fail");
    expect(await run(`${sonnet.id}:free`)).toMatchObject({
      status: "fail",
      fix: expect.stringContaining(sonnet.id),
    });
  });
});

describe("chat.default", () => {
  test("asks for few tokens, and for no reasoning where the model has it", async () => {
    const { context, asked } = world({});
    await chatDefault.run(context);
    await chatFallback.run(context);
    expect(asked).toMatchObject([
      { model: sonnet.id, maxTokens: 16, withoutReasoning: true },
      { model: "anthropic/claude-haiku-4.5", maxTokens: 16, withoutReasoning: false },
    ]);
  });

  test.each<[string, World, string, RegExp]>([
    ["its permanent name", { answer: { model: sonnet.canonicalSlug } }, "pass", /"OK"/],
    [
      "what its alias stands for",
      { default: "~anthropic/claude-sonnet-latest", answer: { model: sonnet.id } },
      "pass",
      /"OK"/,
    ],
    [
      "another family than the alias's",
      { default: "~anthropic/claude-sonnet-latest", answer: { model: "anthropic/claude-opus-5" } },
      "fail",
      /instead of/,
    ],
    [
      "another model",
      { answer: { model: "x/dear" } },
      "fail",
      /x\/dear answered instead of anthropic\/claude-sonnet-5/,
    ],
    ["a free one instead of itself", { default: "x/a:free", answer: { model: "x/a" } }, "fail", /instead of/],
    [
      "itself, cut short",
      { answer: { finishReason: "length", content: "O" } },
      "pass",
      /cut at the check's own small/,
    ],
    [
      "itself, cut in its reasoning",
      { answer: { finishReason: "length", content: "", reasoned: true } },
      "pass",
      /no text within 256 tokens, it reasoned/,
    ],
    [
      "itself, without a word or a thought",
      { answer: { finishReason: "length", content: "" } },
      "warn",
      /no text within 256 tokens, and no reasoning is reported.*ended with "length"/,
    ],
    [
      "itself, with tokens that nobody sees",
      { answer: { finishReason: "stop", content: "", completionTokens: 256 } },
      "warn",
      /no reasoning is reported/,
    ],
    ["another one, cut short", { answer: { finishReason: "length", model: "x/dear" } }, "fail", /instead of/],
    [
      "a model that it was routed to",
      { default: "openrouter/auto", answer: { model: sonnet.id } },
      "pass",
      /openrouter\/auto routed to anthropic\/claude-sonnet-5: "OK"/,
    ],
    [
      "a model above the ceiling that it was routed to",
      { default: "openrouter/auto", answer: { model: "x/dear" } },
      "warn",
      /routed to x\/dear, which costs 20\.1 USD a million tokens, above the ceiling of 20 USD/,
    ],
    [
      "itself, with reasoning only",
      { answer: { finishReason: "stop", content: "", reasoned: true, completionTokens: 256 } },
      "pass",
      /no text within 256 tokens, it reasoned/,
    ],
    [
      "itself, with reasoning that leads to nothing",
      { answer: { finishReason: "stop", content: "", reasoned: true } },
      "warn",
      /ended with "stop"/,
    ],
    [
      "itself, paid by an own key of the provider",
      { answer: { cost: 0.000001, byokCost: 0.00002 } },
      "pass",
      /0\.00002 USD by an own provider key \(BYOK\)/,
    ],
    ["itself, filtered", { answer: { finishReason: "content_filter" } }, "warn", /content_filter/],
    ["itself, at no named cost", { answer: { cost: undefined } }, "pass", /cost not reported/],
    ["itself, while the catalogue cannot be read", { catalogue: new Error("x") }, "pass", /"OK"/],
  ])("answered by %s", async (_, given, status, summary) => {
    expect(await chatDefault.run(world(given).context)).toMatchObject({
      status,
      summary: expect.stringMatching(summary),
    });
  });

  test("is not asked where it may cost more than the ceiling", async () => {
    // 50 tokens of the prompt and 323 of the answer are at most 0.004995 USD, 324 are 0.00501.
    expect((await chatDefault.run(world({ maxTokens: 323 }).context)).status).toBe("pass");
    const { context, asked } = world({ maxTokens: 324 });
    expect(await chatDefault.run(context)).toMatchObject({
      status: "fail",
      fix: expect.stringContaining("check.maxCostUsd"),
    });
    expect(asked).toEqual([]);
  });

  test("counts against one ceiling with the others", async () => {
    const { context, asked } = world({ maxTokens: 300 });
    expect((await chatDefault.run(context)).status).toBe("pass");
    expect((await chatFallback.run(context)).status).toBe("fail");
    expect(asked).toHaveLength(1);
  });
});

test("a fallback that is the default model itself is no fallback", async () => {
  const { context, asked } = world({ fallback: sonnet.id });
  expect(await chatFallback.run(context)).toMatchObject({
    status: "warn",
    fix: expect.stringContaining("models.fallback"),
  });
  expect(asked).toEqual([]);
});
