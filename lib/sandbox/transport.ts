import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer } from "./answers";

/** Sends an answer with its disturbances. Returns when it is sent or the client is gone. */
export async function transmit(response: ServerResponse, answer: Answer): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  try {
    await write(response, answer, gone.signal);
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  }
}

async function write(response: ServerResponse, answer: Answer, signal: AbortSignal): Promise<void> {
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
