import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TLSSocket } from "node:tls";

/** The server's certificate is not vouched for, is not in force, or names another server. */
export class CertificateRefused extends Error {}

export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** What the server's certificate must be signed by, PEM. @default the system's own */
  readonly ca?: string;
  /** Milliseconds: for the whole of {@link exchange}, and until the answer begins for {@link openExchange}. */
  readonly timeout: number;
}

/**
 * One HTTP exchange. Not `fetch`: on Node 20 a process ends in silence, with exit code 0, where a connection is reset while
 * only its timeout is pending; and it takes no certificate authority of one's own.
 * @throws CertificateRefused
 * @throws the socket's own error, with its `code`
 */
export async function exchange(url: string, options: Exchange): Promise<{ status: number; text: string }> {
  const { call, response } = begin(url, options);
  const timer = limit(call, options.timeout);
  try {
    const answer = await response;
    return { status: answer.statusCode ?? 0, text: await boundedText(answer) };
  } finally {
    clearTimeout(timer);
  }
}

/** More than any answer of Vault's that is read at once, in bytes: its entries are less than 1 MiB each. */
const longestText = 8 * 2 ** 20;

/** All of an answer. @throws Error if it is longer than any of Vault's */
export async function boundedText(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > longestText) throw new Error(`an answer of more than ${longestText} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * The same for an answer that is long: it is handed out as it comes.
 * @throws CertificateRefused
 * @throws the socket's own error, with its `code`
 */
export async function openExchange(url: string, options: Exchange): Promise<IncomingMessage> {
  const { call, response } = begin(url, options);
  const timer = limit(call, options.timeout);
  try {
    return await response;
  } finally {
    clearTimeout(timer);
  }
}

function begin(
  url: string,
  { method, headers, body, ca }: Exchange,
): { call: ClientRequest; response: Promise<IncomingMessage> } {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const call = send(url, { method, headers, ...(ca ? { ca } : {}) });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    call.on("response", resolve);
    call.on("error", (error) => reject(isRefused(call.socket) ? refused(error) : error));
  });
  // Where the server refuses before it has read all, its answer says why, not the broken pipe.
  if (body instanceof Readable) pipeline(body, call).catch((error) => call.destroy(error));
  else call.end(body);
  return { call, response };
}

function limit(call: ClientRequest, timeout: number): NodeJS.Timeout {
  return setTimeout(() => call.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout);
}

function isRefused(socket: unknown): boolean {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError);
}

function refused(error: Error): CertificateRefused {
  return new CertificateRefused(error.message, { cause: error });
}
