import { z } from "zod";
import { type Answer, json, Refusal } from "./answers";
import type { CatalogueModel } from "./catalogue";
import { type Completion, completionBody, streamBody } from "./completion";
import type { ApiRequest, Changes } from "./extension";
import { findModel } from "./find-model";
import { limitRemaining } from "./keys";
import { parseBody } from "./requests";
import type { KeyRecord } from "./state";
import { charge } from "./usage";
import { assertBudget } from "./workspaces";
import type { World } from "./world";

const requestSchema = z.object({
  model: z.string().optional(),
  models: z.array(z.string()).optional(),
  messages: z.array(z.looseObject({ role: z.string() })).catch([]),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  reasoning: z.object({ effort: z.string().nullish(), enabled: z.boolean().nullish() }).nullish(),
});
type ChatRequest = z.output<typeof requestSchema>;

/**
 * `POST /chat/completions`: checks the request, the key's limit and the account's balance, then answers and charges.
 * @throws {Refusal} 400, 402, 403, 404
 */
export function chat(world: World, key: KeyRecord, call: ApiRequest): Answer {
  if (key.management) throw new Refusal(403, "Management keys cannot be used for completions");
  const request = parseBody(requestSchema, call.body);
  if (request.messages.length === 0) throw new Refusal(400, 'Input required: specify "prompt" or "messages"');
  const models = candidates(request).map((id) => findModel(world, id, key));
  assertMayPay(world, key, request, models[0]!);
  const answer = (model: CatalogueModel, changes: Changes = {}) =>
    complete(world, key, request, model, changes);
  return world.extension ? world.extension.chat(call, models, answer) : answer(models[0]!);
}

function candidates(request: ChatRequest): string[] {
  if ((request.models?.length ?? 0) > 3) throw new Refusal(400, "'models' array must have 3 items or fewer.");
  const ids = [...(request.model === undefined ? [] : [request.model]), ...(request.models ?? [])];
  if (ids.length === 0) throw new Refusal(400, "No models provided");
  return [...new Set(ids)];
}

/** Refuses a chat that is too expensive, as OpenRouter does: by `max_tokens`, or without it by the model's longest answer. */
function assertMayPay(world: World, key: KeyRecord, request: ChatRequest, model: CatalogueModel): void {
  assertBudget(world, key);
  const isFree = isByok(world, model) && !key.includeByokInLimit;
  const remaining = isFree ? null : limitRemaining(key, world.now());
  if (remaining !== null && remaining <= 0) {
    const limit = key.limitReset ?? "total";
    throw new Refusal(
      403,
      `Key limit exceeded (${limit} limit). Manage it using https://openrouter.ai/settings/keys`,
    );
  }
  const balance = world.state.account.totalCredits - world.state.account.totalUsage;
  // A free model needs no credit, only that nothing is owed.
  const costs = Number(model.promptPrice) > 0 || Number(model.completionPrice) > 0;
  if (costs ? balance <= 0 : balance < 0) {
    throw new Refusal(402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits");
  }
  const funds = Math.min(balance, remaining ?? Number.POSITIVE_INFINITY);
  const left = funds - promptTokens(request) * Number(model.promptPrice);
  const affordable = Math.floor(left / Number(model.completionPrice));
  const wanted = longestAnswer(request, model);
  if (affordable < wanted) {
    const page = funds === balance ? "credits and add more credits" : "keys and adjust the key's limit";
    throw new Refusal(
      402,
      `This request requires more credits, or fewer max_tokens. You requested up to ${wanted} tokens, but can only afford ${Math.max(0, affordable)}. To increase, visit https://openrouter.ai/settings/${page}`,
    );
  }
}

function complete(
  world: World,
  key: KeyRecord,
  request: ChatRequest,
  model: CatalogueModel,
  { answeredBy, content, error }: Changes,
): Answer {
  const answering = answeredBy === undefined ? model : findModel(world, answeredBy, key);
  const thought = tokensOfReasoning(request, answering);
  const text = content ?? reply(request);
  const longest = longestAnswer(request, answering);
  const prompt = promptTokens(request);
  const completion = Math.min(thought + tokensOf(text), longest);
  const byok = isByok(world, answering);
  const promptCost = prompt * Number(answering.promptPrice);
  const completionCost = completion * Number(answering.completionPrice);

  const now = world.now();
  const cost = promptCost + completionCost;
  if (byok) key.byokUsage = charge(key.byokUsage, cost, now);
  key.usage = charge(key.usage, byok ? 0 : cost, now);
  world.state.account.totalUsage += byok ? 0 : cost;
  world.state.answers += 1;
  world.save();

  const result: Completion = {
    id: `gen-${Math.floor(now.getTime() / 1000)}-${world.state.answers}`,
    created: Math.floor(now.getTime() / 1000),
    model: answering.id,
    content: text.slice(0, Math.max(0, longest - thought) * charactersPerToken),
    finishReason: thought + tokensOf(text) > longest ? "length" : "stop",
    promptTokens: prompt,
    completionTokens: completion,
    reasoningTokens: Math.min(thought, completion),
    isByok: byok,
    promptCost,
    completionCost,
    error,
  };
  if (!request.stream) return json(200, completionBody(result));
  return { status: 200, body: streamBody(result), contentType: "text/event-stream" };
}

/** The tokens of a short thought: more than the check's own small `max_tokens`. */
const thoughtTokens = 64;

/**
 * The tokens that a model's reasoning takes before its answer.
 * @throws {Refusal} 400 if the call switches off what the model cannot do without
 */
function tokensOfReasoning({ reasoning }: ChatRequest, model: CatalogueModel): number {
  const isOff = reasoning?.effort === "none" || reasoning?.enabled === false;
  if (model.reasoning === "mandatory") {
    if (!isOff) return thoughtTokens;
    throw new Refusal(400, "Reasoning is mandatory for this endpoint and cannot be disabled.", {
      metadata: { provider_name: null },
    });
  }
  return model.reasoning === "optional" && reasoning && !isOff ? thoughtTokens : 0;
}

/** Whether the account has a key of its own at the model's provider. */
function isByok({ state }: World, { id }: CatalogueModel): boolean {
  return state.account.byokAuthors.includes(id.split("/")[0]!);
}

const charactersPerToken = 4;
const tokensOf = (text: string) => Math.max(1, Math.ceil(text.length / charactersPerToken));
const promptTokens = (request: ChatRequest) => tokensOf(JSON.stringify(request.messages));
const longestAnswer = (request: ChatRequest, model: CatalogueModel) =>
  request.max_tokens ?? request.max_completion_tokens ?? model.maxCompletionTokens;

/** Answers "OK" if the prompt asks for it; else a sentence about the sandbox. */
function reply(request: ChatRequest): string {
  const question = JSON.stringify(request.messages.at(-1)?.content ?? "");
  return /\bok\b/i.test(question) ? "OK" : "This is the local sandbox of OpenRouter: no model was asked.";
}
