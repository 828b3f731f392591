import { z } from "zod";
import { keyFingerprint } from "../../../lib/model/openrouter-key";
import { type Answer, errorAnswer, json } from "../../../lib/sandbox/answers";
import type { DisturbedAnswer, Transport } from "./transport";

/** A fault on demand: the calls that it affects, and its effect. */
export const faultSchema = z.strictObject({
  /** Affects only calls with this key. Stored as the key's fingerprint. */
  key: z.string().optional(),
  /** Affects only chats with this model; a server-side fallback tries the next model. */
  model: z.string().optional(),
  /** Affects only calls of this path, such as `/auth/key`. */
  path: z.string().optional(),
  /** The number of affected calls. Default: all. */
  times: z.int().min(1).optional(),

  /** The status of the answer. */
  status: z.int().min(100).max(599).optional(),
  /** The body of the answer, as JSON. */
  body: z.unknown().optional(),
  /** The body of the answer, as literal text. */
  text: z.string().optional(),
  contentType: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),

  /** An error in an answer of status 200: in the middle of a stream, or in `choices[]`. */
  error: z.object({ code: z.int(), message: z.string() }).optional(),
  /** The model that answers instead. */
  answeredBy: z.string().optional(),
  /** The content of the answer. */
  content: z.string().optional(),

  delayMs: z.number().min(0).optional(),
  blankLines: z.int().min(1).optional(),
  cutAfterBytes: z.int().min(0).optional(),
  dripMs: z.number().min(0).optional(),
  reset: z.boolean().optional(),
});

/** A fault as requested. */
export type Fault = z.input<typeof faultSchema>;

interface Call {
  readonly path: string;
  readonly fingerprint: string | undefined;
}

/** The active faults. */
export class Faults {
  private faults: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    const { key, ...rest } = fault;
    const kept = key === undefined ? rest : { ...rest, key: keyFingerprint(key) };
    this.faults.push({ fault: kept, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.faults = [];
  }

  /** Takes the first fault that affects a call, and counts it. If `model` is undefined, only faults without a model. */
  take(call: Call, model: string | undefined): Fault | undefined {
    const entry = this.faults.find(
      ({ fault, left }) =>
        left > 0 &&
        fault.model === model &&
        (fault.path === undefined || fault.path === call.path) &&
        (fault.key === undefined || fault.key === call.fingerprint),
    );
    if (entry) entry.left -= 1;
    return entry?.fault;
  }
}

/** The answer by which a fault replaces the real one; undefined if it only disturbs the real one. */
export function answerOf(fault: Fault): Answer | undefined {
  const { status, text, body } = fault;
  if (status === undefined && text === undefined && body === undefined) return undefined;
  if (text !== undefined) return { status: status ?? 200, body: text, contentType: "text/plain" };
  if (body !== undefined) return json(status ?? 200, body);
  return errorAnswer(status!, `Fault on demand: ${status}`);
}

/** An answer with a fault's disturbances. */
export function disturb(answer: Answer, fault: Fault): DisturbedAnswer {
  const { delayMs, blankLines, cutAfterBytes, dripMs, reset } = fault;
  const transport: Transport = { delayMs, blankLines, cutAfterBytes, dripMs, reset };
  return {
    ...answer,
    contentType: fault.contentType ?? answer.contentType,
    headers: { ...answer.headers, ...fault.headers },
    transport: { ...(answer as DisturbedAnswer).transport, ...withoutUndefined(transport) },
  };
}

function withoutUndefined(transport: Transport): Transport {
  return Object.fromEntries(Object.entries(transport).filter(([, value]) => value !== undefined));
}
