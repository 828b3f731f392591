import type { z } from "zod";
import { answerFailure, failureOfError, failureOfText, type RawAnswer } from "./classify";
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
 * @throws {OpenRouterFailure}
 */
export function readChat(answer: RawAnswer, key: string): ChatAnswer {
  const streamed = answer.status === 200 && /^\s*(:|data:|event:|id:|retry:)/.test(answer.text);
  return streamed ? readStream(answer, key) : readCompletion(answer, key);
}

function readCompletion(answer: RawAnswer, key: string): ChatAnswer {
  const body = readJson(answer, chatAnswer, key);
  const choice = body.choices[0]!;
  const error = body.choices.find((candidate) => candidate.error)?.error;
  if (error) throw failureOfError(error, answer, key);
  return finish({
    model: body.model,
    content: choice.message?.content ?? "",
    finishReason: choice.finish_reason ?? undefined,
    usage: body.usage,
  });
}

function readStream(answer: RawAnswer, key: string): ChatAnswer {
  const lines = answer.text.split(/\r\n|\n|\r/).filter((line) => line.startsWith("data:"));
  const events = lines.map((line) => line.slice("data:".length).trim());
  const end = events.indexOf("[DONE]");
  let model: string | undefined;
  let content = "";
  let finishReason: string | undefined;
  let usage: z.output<typeof chatChunk>["usage"];
  for (const event of end === -1 ? events : events.slice(0, end)) {
    const chunk = readShape(parse(answer, event, key), chatChunk);
    const choice = chunk.choices?.[0];
    const error = chunk.error ?? choice?.error;
    if (error) throw failureOfError(error, answer, key);
    model = chunk.model ?? model;
    content += choice?.delta?.content ?? "";
    finishReason = choice?.finish_reason ?? finishReason;
    usage = chunk.usage ?? usage;
  }
  if (end === -1) throw answerFailure("cut-off", "The streamed answer was interrupted", answer.status);
  if (!model) throw answerFailure("unexpected", "The streamed answer names no model");
  return finish({ model, content, finishReason, usage });
}

function finish(parts: {
  model: string;
  content: string;
  finishReason: string | undefined;
  usage: z.output<typeof chatChunk>["usage"];
}): ChatAnswer {
  const { model, content, finishReason, usage } = parts;
  if (finishReason === undefined)
    throw answerFailure("cut-off", "The answer was interrupted: it has no finish_reason");
  if (finishReason === "error") {
    throw failureOfError(
      { code: undefined, message: "finish_reason is error" },
      { status: 200, text: "", retryAfterSeconds: undefined },
      "",
    );
  }
  // A reasoning model can use all its tokens before the first word.
  if (content.trim() === "" && finishReason !== "length") {
    throw answerFailure(
      "unexpected",
      `The model's answer is empty (finish_reason ${finishReason.slice(0, 40)})`,
    );
  }
  return {
    model,
    content,
    finishReason,
    promptTokens: usage?.prompt_tokens,
    completionTokens: usage?.completion_tokens,
    cost: usage?.cost ?? undefined,
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

/** Whether a failure says that a path does not exist: then the call tries its other path. */
export function isMissingPath(error: unknown): boolean {
  return error instanceof OpenRouterFailure && error.status === 404;
}
