import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "../../../lib/sandbox/answers";

/** The disturbances of an answer's transport. */
export interface Transport {
  /** The delay before the answer, in milliseconds. */
  readonly delayMs?: number | undefined;
  /** The number of blank lines sent before the delay, as OpenRouter does while a slow model works. */
  readonly blankLines?: number | undefined;
  /** Closes the connection after this number of bytes of the body. */
  readonly cutAfterBytes?: number | undefined;
  /** Sends byte by byte, with this delay between bytes, in milliseconds. */
  readonly dripMs?: number | undefined;
  /** Closes the connection before any answer. */
  readonly reset?: boolean | undefined;
}

export interface DisturbedAnswer extends Answer {
  readonly transport?: Transport;
}

/** Sends an answer with its disturbances. Returns when it is sent or the client is gone. */
export async function transmit(response: ServerResponse, answer: DisturbedAnswer): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    await write(response, answer, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function write(response: ServerResponse, answer: DisturbedAnswer, signal: AbortSignal): Promise<void> {
  const { delayMs = 0, blankLines = 0, cutAfterBytes, dripMs, reset } = answer.transport ?? {};
  if (reset) {
    response.destroy();
    return;
  }
  if (delayMs && !blankLines) await sleep(delayMs, undefined, { signal });
  response.writeHead(answer.status, { "content-type": answer.contentType, ...answer.headers });
  if (blankLines) {
    response.write("\n".repeat(blankLines));
    await sleep(delayMs, undefined, { signal });
  }
  if (dripMs !== undefined) {
    for (const character of answer.body) {
      if (!response.write(character)) await once(response, "drain", { signal });
      await sleep(dripMs, undefined, { signal });
    }
  }
  if (cutAfterBytes !== undefined) {
    const part = Buffer.from(answer.body).subarray(0, cutAfterBytes);
    // The written bytes must leave before the connection is destroyed.
    response.write(part, () => response.destroy());
    return;
  }
  response.end(dripMs === undefined ? answer.body : undefined);
}
