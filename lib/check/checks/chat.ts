import { shortened } from "../../core/text";
import { type AskedModel, askModel } from "../../openrouter/ask-model";
import { findModel } from "../../openrouter/model-match";
import { isAbove, usd } from "../../openrouter/money";
import type { ChatAnswer, Model } from "../../openrouter/schemas";
import { fail, pass, skip, type Verdict } from "../../report/finding";
import type { Check, Finding } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";

/** The warnings that every chat can give. */
const warn = warningsOf("chat.default");

const why = {
  default: "OpenClaw sends such calls all day: without an answer, nothing else helps.",
  fallback: "It takes over if the default model does not answer, so it must work before that happens.",
  experimentation: "It is for bulk work; nothing else depends on it.",
};

export const chatDefault = chatCheck("default");
export const chatFallback = chatCheck("fallback");
export const chatExperimentation = chatCheck("experimentation");

function chatCheck(role: keyof typeof why): Check {
  return {
    id: `chat.${role}`,
    why: why[role],
    needs: ["key.valid"],
    spends: true,
    onlyWarns: role === "experimentation",
    async run(context) {
      const { model, otherModels } = context.parameters;
      if (role === "default") return ask(context, model, "models.default");
      const asked = otherModels[role];
      return asked === model ? sameAsDefault(role, model) : ask(context, asked, `models.${role}`);
    },
  };
}

function sameAsDefault(role: "fallback" | "experimentation", model: string): Finding {
  if (role === "experimentation") return skip(`asked already, by chat.default: ${model}`);
  return warningsOf("chat.fallback")(
    "same-model",
    `the fallback is the default model itself, ${model}: no model takes over`,
    "Set `models.fallback` to another model, preferably from another author.",
  );
}

async function ask(context: CheckContext, asked: string, option: string): Promise<Finding> {
  const client = await context.openRouter();
  // The check models.known reports an unreadable catalogue; a chat works without one.
  const catalogue = await context.catalogue().catch((): Model[] => []);
  const begin = performance.now();
  const result = await askModel({
    client,
    catalogue,
    id: asked,
    maxTokens: context.parameters.maxTokens,
    reserve: (amount) => context.chatBudget.reserve(amount),
  });
  if ("tooDear" in result) {
    return {
      ...fail(
        `${asked} was not asked: its answer can cost ${usd(result.tooDear)}, and the limit for all chats of one check is ${usd(context.chatBudget.ceiling)}`,
        "Choose a cheaper model, lower `check.maxTokens`, or raise `check.maxCostUsd` in the settings.",
      ),
      warning: "failed:cost",
    };
  }
  const seconds = (performance.now() - begin) / 1000;
  const dear = result.answerer === "routed" ? aboveCeiling(context, catalogue, result.answer) : undefined;
  return dear ?? judge(result, { asked, option, seconds });
}

/** A router's own price is not known before: the price of the model that it chose is what counts. */
function aboveCeiling(
  context: CheckContext,
  catalogue: readonly Model[],
  answer: ChatAnswer,
): Finding | undefined {
  const { priceCeiling } = context.parameters.budget;
  const model = findModel(catalogue, answer.model);
  const price = Math.max(model?.promptPrice ?? 0, model?.completionPrice ?? 0) * 1e6;
  if (!isAbove(price, priceCeiling)) return undefined;
  return {
    ...warn(
      `price:${answer.model}`,
      `routed to ${answer.model}, which costs ${Number(price.toPrecision(6))} USD a million tokens, above the ceiling of ${priceCeiling} USD`,
      "Restrict the models of the router or preset at https://openrouter.ai/settings, name a model in the settings, or raise `budget.priceCeiling`.",
    ),
    ...(answer.cost === undefined ? {} : { costUsd: answer.cost + (answer.byokCost ?? 0) }),
  };
}

interface Question {
  readonly asked: string;
  /** The setting that names the model. */
  readonly option: string;
  readonly seconds: number;
}

function judge(
  { answer, answerer, notes, maxTokens }: Extract<AskedModel, { answer: unknown }>,
  { asked, option, seconds }: Question,
): Finding {
  const { model, finishReason, promptTokens, completionTokens, cost, byokCost } = answer;
  const spent = cost === undefined ? {} : { costUsd: cost + (byokCost ?? 0) };
  const price = `${priceOf(answer)}, ${seconds.toFixed(2)} s`;
  const details = [
    `finish_reason ${finishReason}`,
    promptTokens === undefined || completionTokens === undefined
      ? "tokens not reported"
      : `${promptTokens} + ${completionTokens} tokens`,
    ...notes,
  ];
  const found = (verdict: Verdict): Finding => ({ ...verdict, details, ...spent });
  const routing = `Set ${option} to the model that you mean, and see the account's routing at https://openrouter.ai/settings/preferences.`;
  if (answerer === "other")
    return found({
      ...fail(`${model} answered instead of ${asked} (${price})`, routing),
      warning: "failed:other-model",
    });
  const who = answerer === "routed" ? `${asked} routed to ${model}` : model;
  const summary = `${who}: ${wordsOf(answer, maxTokens)}, ${price}`;
  if (answerer === "unclear")
    return found(
      warn(
        "unclear",
        `${summary}; without the catalogue it is not clear if that is ${asked}`,
        "Run it again: OpenRouter's catalogue could not be read.",
      ),
    );
  const isSilent = answer.content.trim() === "";
  if (!isSilent && finishReason === "stop") return found(pass(summary));
  if (!isSilent && finishReason === "length")
    return found(pass(`${summary}; cut at the check's own small \`max_tokens\``));
  // Reasoning that used up the tokens is told by some providers as "stop".
  const isUsedUp =
    finishReason === "length" || (finishReason === "stop" && (completionTokens ?? 0) >= maxTokens);
  if (answer.reasoned && isUsedUp) return found(pass(summary));
  return found(
    warn(
      `ended:${shorten(finishReason)}`,
      `${summary}; it ended with "${shorten(finishReason)}"`,
      `A plain answer ends with "stop" and a text: try ${asked} at https://openrouter.ai/chat, or set ${option} to another model.`,
    ),
  );
}

/** What a call cost, and whom: an own key of the provider (BYOK) is billed by the provider. */
function priceOf({ cost, byokCost }: ChatAnswer): string {
  if (cost === undefined) return "cost not reported";
  return byokCost ? `${usd(cost)} and ${usd(byokCost)} by an own provider key (BYOK)` : usd(cost);
}

function wordsOf({ content, reasoned }: ChatAnswer, maxTokens: number): string {
  if (content.trim() !== "") return `"${shorten(content)}"`;
  return `no text within ${maxTokens} tokens, ${reasoned ? "it reasoned" : "and no reasoning is reported"}`;
}

function shorten(content: string): string {
  return shortened(content.trim().replace(/\s+/g, " "), 40);
}
