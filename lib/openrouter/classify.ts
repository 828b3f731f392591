import { z } from "zod";
import { minuteOf } from "../core/time";
import {
  type Availability,
  readAvailability,
  rowOfAvailability,
  waitForReset,
  waitOfMetadata,
} from "./availability";
import { type ErrorRow, errorTable, noAnswer, providerError, unknownError } from "./error-table";
import { OpenRouterFailure } from "./errors";
import type { ErrorBody } from "./schemas";
import { oneLine } from "./scrub";

/** An answer of OpenRouter, or of a proxy in between. */
export interface RawAnswer {
  readonly status: number;
  /** The whole body. */
  readonly text: string;
  /** From the header Retry-After. */
  readonly retryAfterSeconds: number | undefined;
}

/**
 * The failure that an error body describes. Its `code` counts if the HTTP status is not an error, and its availability code
 * before its message.
 */
export function failureOfError(error: ErrorBody, answer: RawAnswer, key: string): OpenRouterFailure {
  const code = Number(error.code);
  const status = answer.status >= 400 ? answer.status : code >= 400 && code < 600 ? code : undefined;
  const availability = readAvailability(error);
  const wait =
    answer.retryAfterSeconds ??
    availability?.retryAfterSeconds ??
    waitOfMetadata(error.metadata) ??
    (status === 429 ? waitForReset(error.metadata, Date.now()) : undefined);
  const raw = asText(error.metadata?.raw);
  const row =
    (availability && rowOfAvailability(availability)) ??
    rowOfLimit(status, error.metadata) ??
    rowOf(status, error.message, raw, wait !== undefined);
  const details = [raw, providersOf(error.metadata), resetOf(error.metadata), availability?.code ?? ""]
    .filter(Boolean)
    .map((detail) => ` (${detail})`);
  return failureOfRow(
    withFallbacks(row, status, availability),
    status,
    oneLine(`${error.message}${details.join("")}`, key),
    { ...answer, retryAfterSeconds: wait },
  );
}

const isoTime = z.iso.datetime({ offset: true });

/** What a provider said, a text or an object. */
function asText(raw: unknown): string {
  return typeof raw === "string" ? raw : raw ? JSON.stringify(raw) : "";
}

/** Who offers a model, and whom the account or the call permits, if OpenRouter tells why none is left. */
function providersOf(metadata: ErrorBody["metadata"]): string {
  const list = (names: unknown) => (Array.isArray(names) ? names.join(", ") : "");
  const offered = list(metadata?.available_providers);
  const permitted = list(metadata?.requested_providers);
  return offered && permitted ? `offered by ${offered}; permitted: ${permitted}` : "";
}

/** Whether a status is about the key or its credit: such a call is never repeated. */
const isRefusal = (status: number | undefined) => [401, 402, 403].includes(status ?? 0);

/** When a spent budget is full again, if OpenRouter tells. */
function resetOf(metadata: ErrorBody["metadata"]): string {
  const { data } = isoTime.safeParse(metadata?.resets_at);
  return data ? `reset on ${minuteOf(new Date(data))}` : "";
}

/** A model that is not available can be replaced by another one, and by OpenRouter's own suggestions first. */
function withFallbacks(row: ErrorRow, status: number | undefined, availability?: Availability): ErrorRow {
  if (!availability) return row;
  const { fallbackModels } = availability;
  const suggested = fallbackModels.length > 0 ? ` OpenRouter suggests ${fallbackModels.join(" or ")}.` : "";
  return {
    ...row,
    fix: `${row.fix}${suggested}`,
    retryable: row.retryable === true && !isRefusal(status),
    tryAnotherModel: true,
  };
}

/** The failure for a body that is not OpenRouter's JSON: a proxy's page, an empty or an interrupted answer. */
export function failureOfText(answer: RawAnswer, key: string): OpenRouterFailure {
  const text = answer.text.trim();
  const status = answer.status;
  const row = errorTable.find((candidate) => candidate.statuses.includes(status) && !candidate.message);
  // Gateways in front of OpenRouter answer these statuses with their own web pages.
  if (row && !row.passing && (status >= 500 || [404, 408, 413, 429].includes(status))) {
    return failureOfRow(row, status, "without a message from OpenRouter", answer);
  }
  const redirect = status >= 300 && status < 400;
  // OpenRouter says why it refuses a call: a refusal without a word is a proxy's or a firewall's.
  if (!redirect && (text === "" ? status < 400 : /^[[{]/.test(text) && !/[\]}]$/.test(text))) {
    return answerFailure(
      "cut-off",
      text === "" ? "The answer is empty" : "The answer is interrupted",
      status,
    );
  }
  if (status === 403 && /cloudflare|\bcf-(error|wrapper)|^error code: 10\d\d\b/i.test(text)) {
    return new OpenRouterFailure({
      kind: "not-json",
      status,
      message: `Cloudflare, which stands before OpenRouter, blocks this host (HTTP 403): ${oneLine(text, key).slice(0, 80)}`,
      fix: "The address that it sees counts, a proxy's or VPN's if the host uses one: call from another network, or without it.",
    });
  }
  const sort = redirect
    ? "a redirect"
    : text === ""
      ? "an empty page"
      : text.startsWith("<")
        ? "a web page"
        : "something else";
  return new OpenRouterFailure({
    kind: "not-json",
    status,
    message: `The answer is not from OpenRouter but ${[`${sort} (HTTP ${status})`, oneLine(text, key).slice(0, 80)].filter(Boolean).join(": ")}`,
    fix: "A proxy, firewall or login page answers instead of OpenRouter: check HTTPS_PROXY, NO_PROXY and `openrouter.baseUrl`.",
  });
}

/** The failure for an answer of OpenRouter that is interrupted or has an unexpected form. */
export function answerFailure(
  kind: "cut-off" | "unexpected",
  message: string,
  status?: number,
): OpenRouterFailure {
  const cut = kind === "cut-off";
  return new OpenRouterFailure({
    kind,
    status,
    message,
    fix: cut
      ? "The connection was interrupted: run it again. If that does not help, check the proxy or firewall."
      : "OpenRouter's answer has an unknown shape: install a newer version of this program, and check `openrouter.baseUrl`.",
    retryable: cut && !isRefusal(status),
    tryAnotherModel: cut,
  });
}

/** The number of characters of a foreign message that patterns are matched against. */
const longestJudged = 1000;

/** The row of a refusal that names the limit behind it: its words change, the name does not. */
function rowOfLimit(status: number | undefined, metadata: ErrorBody["metadata"]): ErrorRow | undefined {
  const names = [metadata?.reason, metadata?.limit_source];
  return errorTable.find(
    ({ limit, statuses }) =>
      limit !== undefined && names.includes(limit) && (status === undefined || statuses.includes(status)),
  );
}

/** @param raw the provider's own message, behind OpenRouter's "Provider returned error" */
function rowOf(status: number | undefined, whole: string, raw: string, passing: boolean): ErrorRow {
  const messages = [whole, raw].map((message) => message.slice(0, longestJudged));
  const fits = (row: ErrorRow) =>
    (row.message === undefined || messages.some((message) => row.message!.test(message))) &&
    (!row.passing || passing);
  if (status === undefined) return errorTable.find((row) => row.message && fits(row)) ?? providerError;
  const rows = errorTable.filter((row) => row.statuses.includes(status));
  // An unknown message falls back to the last, most general row of the status.
  return rows.find(fits) ?? rows.at(-1) ?? unknownError;
}

function failureOfRow(
  row: ErrorRow,
  status: number | undefined,
  message: string,
  answer: RawAnswer,
): OpenRouterFailure {
  const wait = answer.retryAfterSeconds;
  return new OpenRouterFailure({
    kind: row.kind,
    status,
    message: `${row.what} (${status ?? "in an answer of status 200"}: ${message || "no message"})`,
    fix: wait ? `${row.fix} OpenRouter asks to wait ${wait} s.` : row.fix,
    retryable: row.retryable,
    tryAnotherModel: row.tryAnotherModel,
    retryAfterSeconds: wait,
  });
}

/** The failure for an answer of status 200 in which the model says nothing. @param how such as `no choices` */
export function noAnswerFailure(how: string): OpenRouterFailure {
  return failureOfRow(noAnswer, 200, how, { status: 200, text: "", retryAfterSeconds: undefined });
}
