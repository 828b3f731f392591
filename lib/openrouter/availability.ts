import { z } from "zod";
import { type ErrorRow, errorTable } from "./error-table";
import { ifReadable } from "./schemas";

/** Why a model is not available, and what can replace it: more reliable than the message, which is prose. */
export interface Availability {
  /** One of OpenRouter's stable codes, such as `model_deprecated`. */
  readonly code: string;
  /** Ids of models that can answer instead. */
  readonly fallbackModels: readonly string[];
  readonly retryAfterSeconds: number | undefined;
}

const id = z.string().regex(/^[\w.~@:/-]{1,100}$/);
const anyId = z.union([
  id,
  z.object({ id }).transform((model) => model.id),
  z.unknown().transform(() => undefined),
]);
const ids = ifReadable(z.array(anyId).transform((list) => list.filter((entry) => entry !== undefined)));
const numeric = z
  .string()
  .regex(/^\d+(\.\d+)?$/)
  .transform(Number);
const seconds = ifReadable(numeric.or(z.number()).pipe(z.number().nonnegative()).transform(Math.ceil));
const code = ifReadable(z.string().regex(/^[a-z][a-z0-9_]{2,40}$/i));

const details = z.object({
  code,
  reason: code,
  type: code,
  fallback_models: ids,
  retry_after: seconds,
  retry_after_seconds: seconds,
});

const metadataDetails = details.extend({ availability: z.unknown() });

/** The availability of an error: beside its message or in its metadata, an object or its code alone. */
export function readAvailability(error: {
  availability?: unknown;
  metadata?: unknown;
}): Availability | undefined {
  const metadata = metadataDetails.safeParse(error.metadata).data;
  const raw = error.availability ?? metadata?.availability;
  const own = details.safeParse(typeof raw === "string" ? { code: raw } : raw).data;
  const named = own?.code ?? own?.reason ?? own?.type;
  if (!own || !named) return undefined;
  const beside = details.safeParse({ ...error, code: undefined }).data;
  const from = [own, beside, metadata];
  return {
    code: named.toLowerCase(),
    fallbackModels: from.find((place) => place?.fallback_models)?.fallback_models?.slice(0, 3) ?? [],
    retryAfterSeconds: from.map((place) => place?.retry_after ?? place?.retry_after_seconds).find(isNumber),
  };
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** The wait that an error's metadata asks for: a provider's own, which the header does not always repeat. */
export function waitOfMetadata(metadata: unknown): number | undefined {
  const { data } = details.safeParse(metadata);
  return data?.retry_after_seconds ?? data?.retry_after ?? undefined;
}

/**
 * The wait until a rate limit is over, as OpenRouter reports it for its own: in the body, where the header Retry-After is missing.
 * @param now milliseconds since 1970
 */
export function waitForReset(metadata: unknown, now: number): number | undefined {
  return parseReset(rateLimit.safeParse(metadata).data?.headers["X-RateLimit-Reset"], now);
}

const rateLimit = z.object({ headers: z.object({ "X-RateLimit-Reset": z.coerce.number() }) });

/** @param at when, in seconds or milliseconds since 1970 */
function parseReset(at: number | undefined, now: number): number | undefined {
  if (at === undefined || !(at > 1e9)) return undefined;
  const seconds = Math.ceil(((at > 1e11 ? at : at * 1000) - now) / 1000);
  return seconds > 0 ? seconds : undefined;
}

const blocked = (what: string, fix: string): ErrorRow => ({
  kind: "model-blocked",
  statuses: [],
  what,
  fix,
  tryAnotherModel: true,
});

const rowOfKind = (kind: ErrorRow["kind"]) => errorTable.find((row) => row.kind === kind)!;

/** The row of an availability code; undefined for a code that is not known: then status and message decide. */
export function rowOfAvailability({ code }: Availability): ErrorRow | undefined {
  if (/^model_(not_found|unknown|invalid)$/.test(code)) return rowOfKind("model-unknown");
  if (/deprecated|retired|sunset|removed/.test(code))
    return { ...rowOfKind("model-unknown"), what: "OpenRouter no longer offers the model" };
  if (/region/.test(code))
    return blocked(
      "No provider may serve the model in the region of the key or of this host",
      "Choose another model, or check the key's data regions at https://openrouter.ai/settings/privacy.",
    );
  if (/privacy|data_policy/.test(code))
    return blocked(
      "The account's privacy settings permit no provider of the model",
      "Relax them at https://openrouter.ai/settings/privacy, or choose another model.",
    );
  if (/constraint|guardrail|filtered|restricted/.test(code))
    return blocked(
      "No provider of the model meets the constraints of the call, the account and the key's workspace",
      "Relax the guardrails of the key's workspace and the provider preferences at https://openrouter.ai/settings/preferences, or choose another model.",
    );
  if (/rate_limit/.test(code)) return rowOfKind("rate-limited");
  if (/timeout/.test(code)) return rowOfKind("timeout");
  if (/overloaded|unavailable|capacity|outage|down|cold/.test(code)) return rowOfKind("server");
  return undefined;
}
