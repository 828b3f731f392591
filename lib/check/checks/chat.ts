import type { CheckId } from "../../config/check-ids";
import { findModel, isSameModel } from "../../openrouter/model-match";
import { usd } from "../../openrouter/money";
import type { ChatAnswer, Model } from "../../openrouter/schemas";
import { fail, skip, warn } from "../../report/finding";
import type { Check, Finding } from "../check";
import type { CheckContext } from "../context";

/** The setup guide's test call. */
const prompt = "Reply just OK";
/** More tokens than the prompt takes with any tokenizer. */
const promptTokens = 50;

const why = {
  default: "OpenClaw sends such calls all day: without an answer, nothing else helps.",
  fallback: "It takes over if the default model does not answer, so it must work before that happens.",
  experimentation: "It is for bulk work; nothing else depends on it.",
};

export const chatDefault = chatCheck("chat.default", "default", ({ parameters }) => parameters.model);
export const chatFallback = chatCheck(
  "chat.fallback",
  "fallback",
  ({ parameters }) => parameters.otherModels.fallback,
);
export const chatExperimentation = chatCheck(
  "chat.experimentation",
  "experimentation",
  ({ parameters }) => parameters.otherModels.experimentation,
);

function chatCheck(id: CheckId, role: keyof typeof why, modelOf: (context: CheckContext) => string): Check {
  return {
    id,
    why: why[role],
    needs: ["key.valid"],
    spends: true,
    onlyWarns: role === "experimentation",
    async run(context) {
      const model = modelOf(context);
      if (role !== "default" && model === context.parameters.model) return sameAsDefault(role, model);
      return ask(context, model, `models.${role}`);
    },
  };
}

function sameAsDefault(role: "fallback" | "experimentation", model: string): Finding {
  if (role === "experimentation") return skip(`asked already, by chat.default: ${model}`);
  return warn(
    `the fallback is the default model itself, ${model}: no model takes over`,
    "Set `models.fallback` to another model, preferably from another author.",
  );
}

async function ask(context: CheckContext, asked: string, option: string): Promise<Finding> {
  const { maxTokens } = context.parameters;
  const client = await context.openRouter();
  // The check models.known reports an unreadable catalogue; a chat works without one.
  const catalogue = await context.catalogue().catch((): Model[] => []);
  const model = findModel(catalogue, asked);
  const dearest = promptTokens * (model?.promptPrice ?? 0) + maxTokens * (model?.completionPrice ?? 0);
  if (!context.chatBudget.reserve(dearest)) {
    return fail(
      `${asked} was not asked: its answer can cost ${usd(dearest)}, and the limit for all chats of one check is ${usd(context.chatBudget.ceiling)}`,
      "Choose a cheaper model, lower `check.maxTokens`, or raise `check.maxCostUsd` in the settings.",
    );
  }
  const begin = performance.now();
  const answer = await client.chat({
    model: asked,
    maxTokens,
    prompt,
    withoutReasoning: model?.supportedParameters.includes("reasoning") ?? false,
  });
  return judge(answer, { asked, option, catalogue, seconds: (performance.now() - begin) / 1000 });
}

interface Question {
  readonly asked: string;
  /** The setting that names the model. */
  readonly option: string;
  readonly catalogue: readonly Model[];
  readonly seconds: number;
}

function judge(answer: ChatAnswer, { asked, option, catalogue, seconds }: Question): Finding {
  const { content, finishReason, promptTokens, completionTokens, cost } = answer;
  const spent = cost === undefined ? {} : { costUsd: cost };
  const price = `${cost === undefined ? "cost not reported" : usd(cost)}, ${seconds.toFixed(2)} s`;
  const details = [
    `finish_reason ${finishReason}`,
    promptTokens === undefined ? "tokens not reported" : `${promptTokens} + ${completionTokens} tokens`,
  ];
  if (!isSameModel(catalogue, asked, answer.model)) {
    return {
      status: "fail",
      summary: `${answer.model} answered instead of ${asked} (${price})`,
      details,
      fix: `Set ${option} to the model that you mean, and see the account's routing at https://openrouter.ai/settings/preferences.`,
      ...spent,
    };
  }
  const said = content.trim() === "" ? "no text yet" : `"${shorten(content)}"`;
  const summary = `${answer.model}: ${said}, ${price}`;
  if (finishReason === "stop") return { status: "pass", summary, details, ...spent };
  if (finishReason === "length") {
    return {
      status: "pass",
      summary: `${summary}; cut at the check's own small \`max_tokens\``,
      details,
      ...spent,
    };
  }
  return {
    status: "warn",
    summary: `${summary}; it ended with "${shorten(finishReason)}"`,
    details,
    fix: `A plain answer ends with "stop": try ${asked} at https://openrouter.ai/chat, or set ${option} to another model.`,
    ...spent,
  };
}

function shorten(content: string): string {
  const line = content.trim().replace(/\s+/g, " ");
  return line.length > 40 ? `${line.slice(0, 39)}…` : line;
}
