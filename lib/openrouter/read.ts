import type { z } from "zod";
import { answerFailure, failureOfError, failureOfText, noAnswerFailure, type RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { type ChatAnswer, chatAnswer, errorAnswer } from "./schemas";
import { scrub } from "./scrub";

/**
 * Reads an answer as one JSON document of the given schema.
 * Blank lines before it are allowed: OpenRouter sends them while a slow model works.
 * @throws {OpenRouterFailure} for everything else, including an error in a body of status 200
 */
export function readJson<T extends z.ZodType>(answer: RawAnswer, schema: T, key: string): z.output<T> {
  const body = parse(answer, answer.text, key);
  const error = errorAnswer.safeParse(body);
  if (error.success) throw failureOfError(error.data.error, answer, key);
  if (answer.status >= 400)
    throw failureOfError({ code: undefined, message: answer.text.trim() }, answer, key);
  if (answer.status < 200 || answer.status > 299) throw failureOfText(answer, key);
  return readShape(body, schema);
}

/**
 * Reads the answer of a chat. Comments, such as ": OPENROUTER PROCESSING", can stand before it.
 * @param maxTokens the longest answer that was requested
 * @throws {OpenRouterFailure}
 */
export function readChat(answer: RawAnswer, key: string, maxTokens: number): ChatAnswer {
  const text = answer.text.replace(/^:.*$/gm, "");
  const { model, choices, usage } = readJson({ ...answer, text }, chatAnswer, key);
  const error = choices?.find((candidate) => candidate.error)?.error;
  if (error) throw failureOfError(error, answer, key);
  if (choices === undefined && model === undefined)
    throw answerFailure("unexpected", "OpenRouter's answer cannot be read: neither choices nor a model");
  const choice = choices?.[0];
  if (!choice) throw noAnswerFailure("no choices");
  const { message, finish_reason: finishReason } = choice;
  if (!message) throw noAnswerFailure("a choice without a message");
  const content = message.content || message.refusal || "";
  const thought = message.reasoning?.trim() ?? "";
  const isSilent = content.trim() === "";
  if (isSilent && thought === "" && !finishReason)
    throw noAnswerFailure("neither a text nor a finish_reason");
  if (!model) throw answerFailure("unexpected", "OpenRouter's answer names no model");
  if (!finishReason) throw answerFailure("cut-off", "The answer was interrupted: it has no finish_reason");
  if (finishReason === "error") {
    throw failureOfError(
      { code: undefined, message: "finish_reason is error", metadata: undefined },
      { status: 200, text: "", retryAfterSeconds: undefined },
      "",
    );
  }
  const reasoned = thought !== "" || (usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0;
  // A model can use all its tokens before the first word, for a reasoning that its provider does not report; a filter takes the
  // words away.
  const usedUp = finishReason === "length" || (usage?.completion_tokens ?? 0) >= maxTokens;
  if (isSilent && !reasoned && !usedUp && finishReason !== "content_filter")
    throw noAnswerFailure(`an empty text with finish_reason ${finishReason.slice(0, 40)}`);
  return {
    model,
    content,
    finishReason,
    promptTokens: usage?.prompt_tokens ?? undefined,
    completionTokens: usage?.completion_tokens ?? undefined,
    reasoned,
    cost: usage?.cost ?? undefined,
    byokCost: usage?.is_byok ? (usage.cost_details?.upstream_inference_cost ?? undefined) : undefined,
  };
}

/** Parses JSON and removes the key from every string in it: a foreign answer can quote the key. */
function parse(answer: RawAnswer, text: string, key: string): unknown {
  try {
    return JSON.parse(text, (_name, value) => (typeof value === "string" ? scrub(value, key) : value));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw failureOfText({ ...answer, text }, key);
  }
}

function readShape<T extends z.ZodType>(body: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issues = result.error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`);
  throw answerFailure("unexpected", `OpenRouter's answer cannot be read: ${issues.join("; ").slice(0, 300)}`);
}

/** Whether a failure says that a path does not exist. */
export function isMissingPath(error: unknown): boolean {
  return error instanceof OpenRouterFailure && error.status === 404;
}
