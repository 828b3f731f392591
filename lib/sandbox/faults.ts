import { z } from "zod";
import { keyFingerprint } from "../model/openrouter-key";
import { type Answer, errorAnswer, json, type Transport } from "./answers";

/** A fault on demand: whom it strikes, and what it does. */
export const faultSchema = z.strictObject({
  /** Strikes calls with this key only. It is kept as its fingerprint. */
  key: z.string().optional(),
  /** Strikes chats with this model only; a server-side fallback goes on to the next model. */
  model: z.string().optional(),
  /** Strikes calls of this path only, such as `/auth/key`. */
  path: z.string().optional(),
  /** How often it strikes. Default: always. */
  times: z.int().min(1).optional(),

  /** Answer with this status. */
  status: z.int().min(100).max(599).optional(),
  /** Answer with this JSON. */
  body: z.unknown().optional(),
  /** Answer with this text as it stands. */
  text: z.string().optional(),
  contentType: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),

  /** An error in an answer of status 200: in the middle of a stream, or in `choices[]`. */
  error: z.object({ code: z.int(), message: z.string() }).optional(),
  /** Let this model answer instead. */
  answeredBy: z.string().optional(),
  /** Answer with this content. */
  content: z.string().optional(),

  delayMs: z.number().min(0).optional(),
  blankLines: z.int().min(1).optional(),
  cutAfterBytes: z.int().min(0).optional(),
  dripMs: z.number().min(0).optional(),
  reset: z.boolean().optional(),
});

/** A fault as asked for. */
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

  /** The first fault that strikes a call, counted as struck. `model` undefined: those for no particular model. */
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

/** The answer that a fault puts instead of the real one; undefined where it only disturbs the real one. */
export function answerOf(fault: Fault): Answer | undefined {
  const { status, text, body } = fault;
  if (status === undefined && text === undefined && body === undefined) return undefined;
  if (text !== undefined) return { status: status ?? 200, body: text, contentType: "text/plain" };
  if (body !== undefined) return json(status ?? 200, body);
  return errorAnswer(status!, `Fault on demand: ${status}`);
}

/** An answer as a fault lets it through. */
export function disturb(answer: Answer, fault: Fault): Answer {
  const { delayMs, blankLines, cutAfterBytes, dripMs, reset } = fault;
  const transport: Transport = { delayMs, blankLines, cutAfterBytes, dripMs, reset };
  return {
    ...answer,
    contentType: fault.contentType ?? answer.contentType,
    headers: { ...answer.headers, ...fault.headers },
    transport: { ...answer.transport, ...withoutUndefined(transport) },
  };
}

function withoutUndefined(transport: Transport): Transport {
  return Object.fromEntries(Object.entries(transport).filter(([, value]) => value !== undefined));
}
