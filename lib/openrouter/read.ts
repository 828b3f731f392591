import type { z } from "zod";
import { answerFailure, failureOfError, failureOfText, noAnswerFailure, type RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { type ChatAnswer, chatAnswer, chatChunk, errorAnswer } from "./schemas";
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
 * Reads the answer of a chat: one JSON document, or a stream of events.
 * @param maxTokens the longest answer that was requested
 * @throws {OpenRouterFailure}
 */
export function readChat(answer: RawAnswer, key: string, maxTokens: number): ChatAnswer {
  // A stream's comments, such as ": OPENROUTER PROCESSING", can stand before one document as well.
  const text = answer.text.replace(/^:.*$/gm, "");
  const streamed = answer.status === 200 && /^\s*(data|event|id|retry):/.test(text);
  return finish(streamed ? readStream(answer, key) : readCompletion({ ...answer, text }, key), maxTokens);
}

/** What an answer holds, in one document or in all events of a stream. */
interface Parts {
  readonly model: string | undefined;
  readonly content: string;
  readonly reasoning: string;
  readonly finishReason: string | undefined;
  readonly usage: z.output<typeof chatChunk>["usage"];
  /** Why it is no answer, if that is certain. */
  readonly empty?: string;
}

function readCompletion(answer: RawAnswer, key: string): Parts {
  const { model, choices, usage } = readJson(answer, chatAnswer, key);
  const error = choices?.find((candidate) => candidate.error)?.error;
  if (error) throw failureOfError(error, answer, key);
  const choice = choices?.[0];
  if (choices === undefined && model === undefined)
    throw answerFailure("unexpected", "OpenRouter's answer cannot be read: neither choices nor a model");
  return {
    model,
    content: choice?.message?.content || choice?.message?.refusal || "",
    reasoning: choice?.message?.reasoning ?? "",
    finishReason: choice?.finish_reason ?? undefined,
    usage,
    ...(choice ? (choice.message ? {} : { empty: "a choice without a message" }) : { empty: "no choices" }),
  };
}

function readStream(answer: RawAnswer, key: string): Parts {
  const lines = answer.text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  const events = lines.map((line) => line.slice("data:".length).trim());
  const end = events.indexOf("[DONE]");
  let model: string | undefined;
  let content = "";
  let reasoning = "";
  let finishReason: string | undefined;
  let usage: Parts["usage"];
  for (const event of end === -1 ? events : events.slice(0, end)) {
    const chunk = readShape(parse(answer, event, key), chatChunk);
    const choice = chunk.choices?.[0];
    const error = chunk.error ?? choice?.error;
    if (error) throw failureOfError(error, answer, key);
    model = chunk.model ?? model;
    content += choice?.delta?.content ?? "";
    reasoning += choice?.delta?.reasoning ?? "";
    finishReason = choice?.finish_reason ?? finishReason;
    usage = chunk.usage ?? usage;
  }
  if (end === -1) throw answerFailure("cut-off", "The streamed answer was interrupted", answer.status);
  return { model, content, reasoning, finishReason, usage };
}

function finish(parts: Parts, maxTokens: number): ChatAnswer {
  const { model, content, reasoning, finishReason, usage, empty } = parts;
  if (empty) throw noAnswerFailure(empty);
  if (content.trim() === "" && reasoning.trim() === "" && finishReason === undefined)
    throw noAnswerFailure("neither a text nor a finish_reason");
  if (!model) throw answerFailure("unexpected", "OpenRouter's answer names no model");
  if (finishReason === undefined)
    throw answerFailure("cut-off", "The answer was interrupted: it has no finish_reason");
  if (finishReason === "error") {
    throw failureOfError(
      { code: undefined, message: "finish_reason is error", metadata: undefined },
      { status: 200, text: "", retryAfterSeconds: undefined },
      "",
    );
  }
  const reasoned = reasoning.trim() !== "" || (usage?.completion_tokens_details?.reasoning_tokens ?? 0) > 0;
  // A model can use all its tokens before the first word, for a reasoning that its provider does not report; a filter takes the
  // words away.
  const usedUp = finishReason === "length" || (usage?.completion_tokens ?? 0) >= maxTokens;
  if (content.trim() === "" && !reasoned && !usedUp && finishReason !== "content_filter")
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
