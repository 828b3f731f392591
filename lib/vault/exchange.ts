import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { globalAgent, Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { connect, type NetConnectOpts, type Socket } from "node:net";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TLSSocket } from "node:tls";
import { boundedText, endInTime, longest } from "../core/bounded";

/** The server's certificate has no trusted CA, is not valid now, or names another server. */
export class CertificateRefused extends Error {}

/** An agent for plain HTTP that judges each connection before the first byte is sent. */
export class KnownSideAgent extends Agent {
  /** @param judge throws if the other side is unknown */
  constructor(private readonly judge: (socket: Socket) => Promise<void>) {
    super({ keepAlive: true });
  }

  override createConnection(
    options: NetConnectOpts,
    done: (error: Error | null, socket: Duplex) => void,
  ): null {
    const socket = connect(options);
    const fail = (error: Error) => {
      socket.destroy();
      done(error, socket);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      this.judge(socket).then(() => {
        // It may be closed by now, as while a container starts: a request on it would wait for an event that has already
        // happened.
        if (socket.destroyed) return fail(new Error("the connection was closed without an answer"));
        socket.off("error", fail);
        done(null, socket);
      }, fail);
    });
    // The callback passes the socket once it is judged.
    return null;
  }
}

export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** The CA certificates that must verify the server's certificate, PEM. @default Node's own */
  readonly ca?: string;
  /** The agent for plain HTTP, which verifies the other side. */
  readonly agent?: KnownSideAgent;
  /** The maximum length of an answer of {@link exchange}, in bytes. @default 1 MiB */
  readonly longest?: number;
  /**
   * The timeout in milliseconds. For {@link exchange}, for the whole exchange. For {@link openExchange}, until the answer
   * begins, and then for the body of an error; a successful answer has {@link longestBytes}.
   */
  readonly timeout: number;
}

/**
 * One HTTP exchange. It does not use `fetch`: on Node 20 a process exits silently with code 0 if a connection is reset while
 * only its timeout is pending, and `fetch` accepts no custom CA.
 * @throws CertificateRefused
 * @throws the socket's own error, with its `code`
 */
export async function exchange(url: string, options: Exchange): Promise<{ status: number; text: string }> {
  const { call, response } = begin(url, options, tlsAgent);
  const timer = limit(call, options.timeout);
  try {
    const answer = await response;
    return {
      status: answer.statusCode ?? 0,
      text: await boundedText(answer, options.longest ?? longest.answer),
    };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * At most three TLS connections: a check makes a dozen calls at once, and a handshake costs both sides more time than waiting
 * for a free connection.
 */
const tlsAgent = new HttpsAgent({ keepAlive: true, maxSockets: 3 });

/** One hour, in milliseconds: no snapshot takes longer. */
const longestBytes = 3_600_000;

/**
 * The same for a long answer: it is passed on as a stream.
 * @throws CertificateRefused
 * @throws the socket's own error, with its `code`
 */
export async function openExchange(url: string, options: Exchange): Promise<IncomingMessage> {
  const { call, response } = begin(url, options, globalAgent);
  const timer = limit(call, options.timeout);
  try {
    const answer = await response;
    const isBytes = (answer.statusCode ?? 0) < 300;
    const left = isBytes ? longestBytes : options.timeout;
    endInTime(answer, left, new Error(`no end of the answer within ${left / 1000} s`));
    return answer;
  } finally {
    clearTimeout(timer);
  }
}

function begin(
  url: string,
  { method, headers, body, ca, agent }: Exchange,
  tls: HttpsAgent,
): { call: ClientRequest; response: Promise<IncomingMessage> } {
  const call = url.startsWith("https:")
    ? httpsRequest(url, { method, headers, agent: tls, ...(ca ? { ca } : {}) })
    : httpRequest(url, { method, headers, ...(agent ? { agent } : {}) });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    call.on("response", resolve);
    // An answer that changes the protocol raises no other event.
    call.on("close", () => reject(new Error("the connection was closed without an answer")));
    call.on("error", (error) => reject(isRefused(call.socket) ? refused(error) : error));
  });
  // If the server refuses before it has read everything, its answer says why, not the broken pipe.
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
