import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as plainRequest,
} from "node:http";
import { Agent as TlsAgent, request as tlsRequest } from "node:https";
import { connect, isIP, type NetConnectOpts, type Socket } from "node:net";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TLSSocket, connect as tlsConnect } from "node:tls";
import { createGunzip } from "node:zlib";
import { boundedText, EndlessAnswer, endInTime, longest } from "../bounded";
import { SystemError } from "../errors";

/** The server's certificate has no trusted CA, is not valid now, or names another server. */
export class CertificateRefused extends Error {}

/** The other side did not answer in time. */
export class HttpTimeout extends SystemError {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds / 1000} s`);
    this.name = "HttpTimeout";
  }
}

/** The other side closed the connection instead of answering. */
export class NoAnswer extends SystemError {
  constructor() {
    super("the connection was closed without an answer");
    this.name = "NoAnswer";
  }
}

/** The proxy does not connect to the server, or requires credentials. */
export class ProxyRefused extends SystemError {}

/** The answer began, and its body has no end or cannot be unpacked. */
export class AnswerInterrupted extends SystemError {
  constructor(
    readonly status: number,
    options: ErrorOptions,
  ) {
    super("the answer is interrupted", options);
    this.name = "AnswerInterrupted";
  }
}

export interface HttpOptions {
  /** @default GET */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes. */
  readonly body?: string | Readable | undefined;
  /** The CA certificates that must verify the server's certificate, PEM. @default Node's own */
  readonly ca?: string | string[] | undefined;
  /** @default Node's own, whose connections are kept for the next request */
  readonly agent?: Agent | undefined;
  /** The Unix socket to connect to; the host of the URL is then only a name. */
  readonly socketPath?: string;
  /** The proxy to reach the server through. See `proxyFor`. @default none */
  readonly proxy?: string | undefined;
  /** Aborts the request, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The time limit in milliseconds: for the whole of {@link exchange}, or until an answer of {@link open} begins. */
  readonly timeout: number;
  /** The maximum length of the body, in bytes. @default 1 MiB */
  readonly longest?: number;
  /** Whether it may arrive twice: it is sent again if the other side closed the kept connection meanwhile. @default only GET */
  readonly repeatable?: boolean;
}

interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * One HTTP request with its whole answer. Redirects are not followed.
 *
 * It is made of Node's own `http`: `fetch` accepts no CA, and on Node 20 a process ends silently if its connection is reset;
 * loading undici takes 50 to 90 ms more in each process (measured on two cores), and a deploy starts several.
 * @throws CertificateRefused, HttpTimeout, NoAnswer, AnswerInterrupted, EndlessAnswer, or the socket's own error with its `code`
 */
export function exchange(url: string, options: HttpOptions): Promise<HttpAnswer> {
  return inTime(options, async (signal) => {
    const answer = await begin(url, { ...options, signal });
    const { statusCode: status = 0, headers } = answer;
    try {
      return {
        status,
        headers,
        text: await boundedText(unpacked(answer), options.longest ?? longest.answer),
      };
    } catch (error) {
      throw error instanceof EndlessAnswer ? error : new AnswerInterrupted(status, { cause: error });
    }
  });
}

/** One hour, in milliseconds: no snapshot, image or volume takes longer. */
const longestBytes = 3_600_000;

/** The same for a long answer: its body is a stream, which ends within an hour, or within the time limit if it is an error. */
export async function open(url: string, options: HttpOptions): Promise<IncomingMessage> {
  const answer = await inTime(options, (signal) => begin(url, { ...options, signal }));
  const left = (answer.statusCode ?? 0) < 400 ? longestBytes : options.timeout;
  endInTime(answer, left, new HttpTimeout(left));
  return answer;
}

/** Sends a request that turns the connection into another protocol. @returns the connection */
export function upgrade(url: string, options: HttpOptions): Promise<Socket> {
  return inTime(options, (signal) => {
    const call = requestTo(url, { ...options, signal });
    call.end(options.body);
    return switched(call);
  });
}

/** Runs a request with a signal that aborts at its time limit, or with the caller's signal. */
async function inTime<T>(
  { timeout, signal }: HttpOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  // A timer that keeps Node running, unlike that of AbortSignal.timeout.
  const timer = setTimeout(() => late.abort(new HttpTimeout(timeout)), timeout);
  const ended = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    return await work(ended);
  } catch (error) {
    throw ended.aborted ? ended.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

async function begin(url: string, options: HttpOptions): Promise<IncomingMessage> {
  const tunnel = options.proxy ? await tunnelTo(new URL(url), options.proxy, options.signal) : undefined;
  const call = requestTo(url, options, tunnel);
  const answer = answerOf(call);
  const { body } = options;
  // If the server refuses before it has read everything, its answer says why, not the broken pipe.
  if (body instanceof Readable) pipeline(body, call).catch((error) => call.destroy(error));
  else call.end(body);
  return answer.catch((error) => {
    if (!wasClosedUnused(call, error) || !isRepeatable(options)) throw error;
    return begin(url, options);
  });
}

function isRepeatable({ method = "GET", body, repeatable = method === "GET" }: HttpOptions): boolean {
  return repeatable && !(body instanceof Readable);
}

/** Whether the other side had closed a kept connection, as a proxy in front of it does after some seconds without a request. */
function wasClosedUnused(call: ClientRequest, error: NodeJS.ErrnoException): boolean {
  return (
    call.reusedSocket && (error instanceof NoAnswer || ["ECONNRESET", "EPIPE"].includes(error.code ?? ""))
  );
}

/** Otherwise NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any certificate. */
const verified = { rejectUnauthorized: true };

function requestTo(
  url: string,
  { method = "GET", headers = {}, ca, agent, socketPath, signal }: HttpOptions,
  tunnel?: Socket,
): ClientRequest {
  const target = new URL(url);
  // Node would send them as a header.
  if (target.username || target.password)
    throw Object.assign(new Error("a URL with credentials"), { code: "ERR_INVALID_URL" });
  const tls = target.protocol === "https:";
  const { hostname: host } = target;
  const trust = { ca, ...verified };
  const secured = () => tlsConnect({ socket: tunnel, host, servername: isIP(host) ? "" : host, ...trust });
  return (tls ? tlsRequest : plainRequest)(target, {
    method,
    headers,
    signal,
    socketPath,
    ...trust,
    ...(tunnel ? { createConnection: () => (tls ? secured() : tunnel) } : { agent }),
  });
}

function answerOf(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.on("response", resolve);
    // An answer that changes the protocol raises no other event.
    call.on("close", () => reject(new NoAnswer()));
    call.on("error", (error) => {
      const isRefused = call.socket instanceof TLSSocket && Boolean(call.socket.authorizationError);
      reject(isRefused ? new CertificateRefused(error.message, { cause: error }) : error);
    });
  });
}

/** The connection of a request that changes its protocol. */
function switched(call: ClientRequest): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const refuse = ({ statusCode }: IncomingMessage) => {
      call.destroy();
      reject(new SystemError(`no connection: status ${statusCode}`));
    };
    const take = (response: IncomingMessage, socket: Socket, head: Buffer) => {
      if (response.statusCode !== 101 && response.statusCode !== 200) return refuse(response);
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    };
    call.on("upgrade", take).on("connect", take);
    call.on("response", refuse);
    call.on("error", reject).on("close", () => reject(new NoAnswer()));
  });
}

/**
 * A connection to a server through a proxy.
 * @throws ProxyRefused if the proxy does not connect to the server
 */
export async function tunnelTo(target: URL, proxy: string, signal: AbortSignal | undefined): Promise<Socket> {
  const { protocol, host, username, password } = new URL(proxy);
  if (!/^https?:$/.test(protocol))
    throw Object.assign(new Error("a proxy that is none"), { code: "ERR_INVALID_URL" });
  const path = `${target.hostname}:${target.port || (target.protocol === "https:" ? 443 : 80)}`;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const call = (protocol === "https:" ? tlsRequest : plainRequest)(`${protocol}//${host}`, {
    method: "CONNECT",
    path,
    signal,
    agent: false,
    ...verified,
    headers: {
      Host: path,
      ...(username ? { "Proxy-Authorization": `Basic ${login.toString("base64")}` } : {}),
    },
  }).end();
  return switched(call).catch((error) => {
    throw "code" in error ? error : new ProxyRefused(error.message);
  });
}

function unpacked(answer: IncomingMessage): Readable {
  if (answer.headers["content-encoding"] !== "gzip") return answer;
  const gunzip = createGunzip();
  // Its reader gets the error.
  pipeline(answer, gunzip).catch(() => {});
  return gunzip;
}

/** A kept connection is closed after this time, in milliseconds: before the other side or a proxy does. */
const unused = 4000;

/**
 * At most three TLS connections: a check makes a dozen calls at once, and a handshake costs both sides more time than waiting
 * for a free connection.
 */
export const fewConnections = new TlsAgent({ keepAlive: true, maxSockets: 3, timeout: unused });

/** An agent for plain HTTP that judges each connection before the first byte is sent. */
export class KnownSideAgent extends Agent {
  /** @param judge throws if the other side is unknown */
  constructor(private readonly judge: (socket: Socket) => Promise<void>) {
    super({ keepAlive: true, timeout: unused });
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
        if (socket.destroyed) return fail(new NoAnswer());
        socket.off("error", fail);
        done(null, socket);
      }, fail);
    });
    // The callback passes the socket once it is judged.
    return null;
  }
}
