import { type AskedModel, askModel } from "../../lib/openrouter/ask-model";
import type { ChatRequest } from "../../lib/openrouter/client";
import { type FailureKind, OpenRouterFailure } from "../../lib/openrouter/errors";
import type { ChatAnswer, Model } from "../../lib/openrouter/schemas";
import { catalogueModel } from "./models";

const id = "google/gemini-2.5-pro";
const reasons = { supportedParameters: ["reasoning"] };
const failure = (kind: FailureKind) =>
  new OpenRouterFailure({ kind, message: kind, fix: "x", retryable: false, tryAnotherModel: true });

const answer = (extra: Partial<ChatAnswer> = {}): ChatAnswer => ({
  model: id,
  content: "OK",
  finishReason: "stop",
  promptTokens: 10,
  completionTokens: 1,
  reasoned: false,
  cost: 0.0001,
  byokCost: undefined,
  ...extra,
});
const cutWhileReasoning = answer({
  content: "",
  finishReason: "length",
  completionTokens: 16,
  reasoned: true,
});

interface Given {
  readonly catalogue?: readonly Model[];
  readonly id?: string;
  readonly answers: readonly (ChatAnswer | OpenRouterFailure)[];
  /** USD. @default no limit */
  readonly ceiling?: number;
}

async function ask(given: Given): Promise<{ asked: ChatRequest[]; result: AskedModel | OpenRouterFailure }> {
  const asked: ChatRequest[] = [];
  const left = [...given.answers];
  let funds = given.ceiling ?? Number.POSITIVE_INFINITY;
  const result = await askModel({
    client: {
      chat: async (request: ChatRequest) => {
        asked.push(request);
        const next = left.shift();
        if (next === undefined) throw new Error("asked once too often");
        if (next instanceof OpenRouterFailure) throw next;
        return next;
      },
    } as never,
    catalogue: given.catalogue ?? [catalogueModel(given.id ?? id, reasons)],
    id: given.id ?? id,
    maxTokens: 16,
    reserve: (usd) => {
      if (usd > funds) return false;
      funds -= usd;
      return true;
    },
  }).catch((error: unknown) => {
    if (error instanceof OpenRouterFailure) return error;
    throw error;
  });
  expect(left).toEqual([]);
  return { asked, result };
}

test("a model that may reason is asked not to", async () => {
  const { asked } = await ask({ answers: [answer()] });
  expect(asked).toMatchObject([{ model: id, maxTokens: 16, withoutReasoning: true }]);
});

describe("a model that must reason", () => {
  test("by the catalogue, is not asked not to, and gets room for it", async () => {
    const catalogue = [catalogueModel(id, { ...reasons, mustReason: true })];
    const { asked } = await ask({ catalogue, answers: [answer()] });
    expect(asked).toMatchObject([{ maxTokens: 256, withoutReasoning: false }]);
  });

  test("by the target of its alias", async () => {
    const alias = "~google/gemini-pro-latest";
    const catalogue = [
      catalogueModel(alias, { ...reasons, aliasTarget: id }),
      catalogueModel(id, { ...reasons, mustReason: true }),
    ];
    const { asked } = await ask({ catalogue, id: alias, answers: [answer()] });
    expect(asked).toMatchObject([{ model: alias, withoutReasoning: false }]);
  });

  test("by its variant", async () => {
    const thinking = `${id}:thinking`;
    const { asked } = await ask({
      catalogue: [catalogueModel(id, reasons)],
      id: thinking,
      answers: [answer()],
    });
    expect(asked).toMatchObject([{ model: thinking, withoutReasoning: false }]);
  });

  test.each(["reasoning-mandatory", "bad-request", "unprocessable"] as const)(
    "by its refusal (%s), is asked once more, and may",
    async (kind) => {
      const { asked, result } = await ask({ answers: [failure(kind), answer()] });
      expect(asked.map((request) => request.withoutReasoning)).toEqual([true, false]);
      expect(result).toMatchObject({ answerer: "itself" });
    },
  );

  test("is not asked again what it refused without that", async () => {
    const { result } = await ask({ answers: [failure("bad-request"), failure("bad-request")] });
    expect(result).toMatchObject({ kind: "bad-request" });
    const plain = [catalogueModel(id)];
    expect((await ask({ catalogue: plain, answers: [failure("bad-request")] })).asked).toHaveLength(1);
  });

  test("gets no room that may not be spent", async () => {
    const catalogue = [catalogueModel(id, { ...reasons, mustReason: true })];
    const { asked } = await ask({ catalogue, ceiling: 0.0005, answers: [cutWhileReasoning] });
    expect(asked).toMatchObject([{ maxTokens: 16, withoutReasoning: false }]);
  });
});

test("reasoning that used up the tokens gets room, and both calls count", async () => {
  const { asked, result } = await ask({ answers: [cutWhileReasoning, answer({ cost: 0.0003 })] });
  expect(asked.map(({ maxTokens }) => maxTokens)).toEqual([16, 256]);
  expect(result).toMatchObject({ answer: { content: "OK", cost: expect.closeTo(0.0004) } });
});

test("reasoning that used up the room as well gets four times of it, if that may be spent", async () => {
  const catalogue = [catalogueModel(id, { ...reasons, mustReason: true })];
  const rich = await ask({ catalogue, answers: [cutWhileReasoning, answer()] });
  expect(rich.asked.map(({ maxTokens }) => maxTokens)).toEqual([256, 1024]);
  const poor = await ask({ catalogue, ceiling: 0.005, answers: [cutWhileReasoning] });
  expect(poor).toMatchObject({ asked: [{ maxTokens: 256 }], result: { maxTokens: 256 } });
});

test("the short answer counts if the long one fails", async () => {
  const { result } = await ask({ answers: [cutWhileReasoning, failure("server")] });
  expect(result).toMatchObject({ answer: { reasoned: true, finishReason: "length" } });
});

describe("an answer without an answer", () => {
  test("is requested once more", async () => {
    const { result } = await ask({ answers: [failure("no-answer"), answer()] });
    expect(result).toMatchObject({ answer: { content: "OK" }, notes: [expect.stringContaining("at first")] });
  });

  test("fails the second time", async () => {
    const { result } = await ask({ answers: [failure("no-answer"), failure("no-answer")] });
    expect(result).toMatchObject({ kind: "no-answer" });
  });
});

describe("what a call can cost", () => {
  test("counts the call itself, and the dearer price of reasoning", async () => {
    const dear = catalogueModel(id, { requestPrice: 0.005, reasoningPrice: 0.0001 });
    const { result } = await ask({ catalogue: [dear], ceiling: 0.005, answers: [] });
    expect(result).toMatchObject({ tooDear: expect.closeTo(0.005 + 50 * 0.000001 + 16 * 0.0001) });
  });

  test("is not known of a router, which is reported, and bounded by the tokens", async () => {
    const unknown = catalogueModel("openrouter/auto", { promptPrice: undefined, completionPrice: undefined });
    const { asked, result } = await ask({
      catalogue: [unknown],
      id: "openrouter/auto",
      ceiling: 0.001,
      answers: [cutWhileReasoning],
    });
    expect(asked).toMatchObject([{ maxTokens: 16, withoutReasoning: false }]);
    expect(result).toMatchObject({
      answerer: "routed",
      notes: [expect.stringContaining("known only by its answer")],
    });
  });

  test("leaves out a web search that may not be spent", async () => {
    const online = `${id}:online`;
    const catalogue = [catalogueModel(id)];
    const poor = await ask({ catalogue, id: online, ceiling: 0.005, answers: [answer()] });
    expect(poor.asked).toMatchObject([{ model: id }]);
    expect(poor.result).toMatchObject({ notes: [expect.stringContaining("without `:online`")] });
    const rich = await ask({ catalogue, id: online, ceiling: 0.05, answers: [answer()] });
    expect(rich.asked).toMatchObject([{ model: online }]);
  });
});
