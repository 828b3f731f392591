import { isRouted, parseModelId } from "../model/openclaw/model-id";
import type { OpenRouterClient } from "./client";
import { type FailureKind, OpenRouterFailure } from "./errors";
import { type Answerer, findModel, targetOf, whoAnswered } from "./model-match";
import type { ChatAnswer, Model } from "./schemas";

/** The setup guide's test call. */
const prompt = "Reply just OK";
/** More tokens than the prompt takes with any tokenizer. */
const promptTokens = 50;
/** Tokens within which a model that must reason usually comes to its answer. */
const roomToReason = 256;
/** By how much an answer may be longer that had no text within these. */
const muchMore = 4;
/** USD that a web search of the variant `:online` costs besides the tokens. */
const webSearch = 0.02;

interface Question {
  readonly client: OpenRouterClient;
  readonly catalogue: readonly Model[];
  /** The model's id, as in the settings. */
  readonly id: string;
  /** The longest answer, in tokens, of a model that does not have to reason. */
  readonly maxTokens: number;
  /** Reserves the highest cost of a call, in USD, before it is sent. @returns false if it may not be spent */
  reserve(usd: number): boolean;
}

export type AskedModel =
  /** Nothing was sent: its answer can cost this much, in USD. */
  | { readonly tooDear: number }
  | {
      readonly answer: ChatAnswer;
      readonly answerer: Answerer;
      /** What was not as usual, one phrase each. */
      readonly notes: readonly string[];
      /** The longest answer that was permitted at last, in tokens. */
      readonly maxTokens: number;
    };

/** The refusals of a call that can be due to what switches the reasoning off, which OpenClaw does not send: providers word them differently. */
const refusedSwitch = new Set<FailureKind>(["reasoning-mandatory", "bad-request", "unprocessable"]);

/**
 * Asks a model for one word, as cheaply as it permits. A model that must reason may reason; an answer without a text is
 * requested once more, with more room.
 * @throws OpenRouterFailure if no answer comes
 */
export async function askModel({ client, catalogue, maxTokens, ...question }: Question): Promise<AskedModel> {
  const { reserve } = question;
  const model = findModel(catalogue, question.id);
  const price = priceOf(model);
  const room = Math.max(maxTokens, roomToReason);
  const notes: string[] = price || catalogue.length === 0 ? [] : ["its price is known only by its answer"];
  const cost = (tokens: number) => (price ? price.fixed + tokens * price.completion : 0);

  const mustReason = mayNotSwitchOff(catalogue, question.id, model);
  const isWide = mustReason && price !== undefined && reserve(cost(room));
  if (!isWide && !reserve(cost(maxTokens))) return { tooDear: cost(maxTokens) };
  let tokens = isWide ? room : maxTokens;
  const id = online(question.id, reserve, notes);
  const routed = isRouted(question.id);
  let withoutReasoning =
    !mustReason && !routed && (model?.supportedParameters.includes("reasoning") ?? false);

  /** Gives the next call more room, if that may be spent. */
  const widen = (to: number, usd: number | undefined) => {
    if (tokens >= to || usd === undefined || !reserve(usd)) return false;
    tokens = to;
    return true;
  };
  const ask = async (tries: number): Promise<ChatAnswer> => {
    try {
      return await client.chat({ model: id, prompt, maxTokens: tokens, withoutReasoning });
    } catch (error) {
      if (!(error instanceof OpenRouterFailure) || tries === 0) throw error;
      if (refusedSwitch.has(error.kind) && withoutReasoning) {
        withoutReasoning = false;
        widen(room, price && cost(room));
        return ask(tries - 1);
      }
      // OpenRouter does not charge for an answer without tokens, so what was reserved is left.
      if (error.kind !== "no-answer") throw error;
      notes.push("its provider gave no answer at first");
      return ask(0);
    }
  };
  let answer = await ask(2);
  const isSilent = answer.content.trim() === "" && answer.finishReason !== "content_filter";
  const more = tokens < room ? room : room * muchMore;
  if (isSilent && widen(more, price ? cost(more) : longerCost(answer, more / tokens))) {
    const longer = await ask(0).catch(() => undefined);
    if (longer) answer = withCostOf(longer, answer);
  }
  const answerer = whoAnswered(catalogue, { asked: id, answered: answer.model, cost: answer.cost });
  return { answer, answerer, notes, maxTokens: tokens };
}

/** Whether a model reasons whatever the call says, by the catalogue, or is asked to by its variant. */
function mayNotSwitchOff(catalogue: readonly Model[], id: string, model: Model | undefined): boolean {
  if (parseModelId(id).variant === "thinking") return true;
  return model !== undefined && (model.mustReason || targetOf(catalogue, model).mustReason);
}

/** USD: for the call with its prompt, and for each token of the answer; undefined if the catalogue does not tell. */
function priceOf(model: Model | undefined): { fixed: number; completion: number } | undefined {
  if (model?.promptPrice === undefined || model.completionPrice === undefined) return undefined;
  return {
    fixed: promptTokens * model.promptPrice + (model.requestPrice ?? 0),
    completion: Math.max(model.completionPrice, model.reasoningPrice ?? 0),
  };
}

/** Leaves out `:online` if a search costs more than may be spent: the model is the same. */
function online(id: string, reserve: (usd: number) => boolean, notes: string[]): string {
  if (parseModelId(id).variant !== "online" || reserve(webSearch)) return id;
  notes.push(`asked without \`:online\`, whose search costs about ${webSearch} USD a call`);
  return id.replace(":online", "");
}

/** USD that a longer answer can cost, by what the short one did; undefined if OpenRouter did not report that. */
function longerCost({ cost, byokCost }: ChatAnswer, times: number): number | undefined {
  return cost === undefined ? undefined : (cost + (byokCost ?? 0)) * times;
}

function withCostOf(answer: ChatAnswer, earlier: ChatAnswer): ChatAnswer {
  return {
    ...answer,
    cost: sum(answer.cost, earlier.cost),
    byokCost: sum(answer.byokCost, earlier.byokCost),
  };
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}
