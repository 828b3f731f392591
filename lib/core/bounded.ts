import type { Readable } from "node:stream";
import { SystemError } from "./errors";

/** How much of an answer is read, in bytes: what is longer is nobody's honest answer, and would fill the memory. */
export const longest = {
  /** One JSON document. */
  answer: 1024 * 1024,
  /** OpenRouter's catalogue, and a page of an account's keys. */
  catalogue: 8 * 1024 * 1024,
  /** A list of Vault's or of the engine's. */
  list: 16 * 1024 * 1024,
} as const;

/**
 * Ends a stream that is not at its end in time.
 * @param milliseconds from now
 * @param late the error that its reader gets then
 */
export function endInTime(stream: Readable, milliseconds: number, late: Error): void {
  const timer = setTimeout(() => stream.destroy(late), milliseconds).unref();
  stream.once("close", () => clearTimeout(timer));
}

/** An answer that goes on after all that could be one. */
export class EndlessAnswer extends SystemError {
  constructor(limit: number) {
    super(`an answer of more than ${limit / 1024 / 1024} MiB`);
    this.name = "EndlessAnswer";
  }
}

/**
 * A stream's text.
 * @throws EndlessAnswer where it is longer than `limit` bytes; the stream is ended then
 */
export async function boundedText(stream: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  return (await boundedBytes(stream, limit)).toString("utf8");
}

/** The same as bytes. */
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
 * A stream's lines, as they come.
 * @throws EndlessAnswer where a line or all of them together are longer than `limit` bytes
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
