import type { Readable } from "node:stream";
import { SystemError } from "./errors";

/** The maximum size of an answer, in bytes: no honest answer is longer, and a longer one would fill the memory. */
export const longest = {
  /** One JSON document. */
  answer: 1024 * 1024,
  /** OpenRouter's catalogue, and a page of an account's keys. */
  catalogue: 8 * 1024 * 1024,
  /** A list from Vault or from the engine. */
  list: 16 * 1024 * 1024,
} as const;

/**
 * Destroys a stream that does not end in time.
 * @param milliseconds from now
 * @param late the error for its reader
 */
export function endInTime(stream: Readable, milliseconds: number, late: Error): void {
  const timer = setTimeout(() => stream.destroy(late), milliseconds).unref();
  stream.once("close", () => clearTimeout(timer));
}

/** An answer that is longer than the limit. */
export class EndlessAnswer extends SystemError {
  constructor(limit: number) {
    super(`an answer of more than ${limit / 1024 / 1024} MiB`);
    this.name = "EndlessAnswer";
  }
}

/**
 * Reads the text of a stream.
 * @throws EndlessAnswer if it is longer than `limit` bytes; the stream is then destroyed
 */
export async function boundedText(stream: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  return (await boundedBytes(stream, limit)).toString("utf8");
}

/** Reads the bytes of a stream. @throws EndlessAnswer as {@link boundedText} */
export async function boundedBytes(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new EndlessAnswer(limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads the lines of a stream as they arrive.
 * @throws EndlessAnswer if all lines together are longer than `limit` bytes
 */
export async function* boundedLines(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let length = 0;
  let parts: string[] = [];
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > limit) throw new EndlessAnswer(limit);
    const [first = "", ...others] = decoder.decode(chunk, { stream: true }).split("\n");
    parts.push(first);
    for (const other of others) {
      yield parts.join("");
      parts = [other];
    }
  }
  const last = parts.join("");
  if (last !== "") yield last;
}
