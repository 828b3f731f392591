import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { sha256 } from "../core/fingerprint";
import { keyFingerprint } from "../model/openrouter-key";
import { type Answer, errorAnswer, json, Refusal } from "./answers";
import type { SandboxExtension } from "./extension";
import { addKey, findKey } from "./keys";
import { answerApi, apiPath, refusable } from "./routes";
import { type RequestEntry, World } from "./world";

export interface SandboxOptions {
  /** The port on 127.0.0.1; 0 selects a free one. */
  readonly port: number;
  /** The file that keeps the state between runs. @default in memory only */
  readonly stateFile?: string;
  /** A key to add at the start, if the state does not have it: its limit is 30 USD per month. */
  readonly key?: string;
  /** A management key to add at the start. */
  readonly managementKey?: string;
  /** Called for each request to the API. */
  readonly onRequest?: (entry: RequestEntry) => void;
  /** Makes what changes and steers it. @default nothing does */
  readonly extend?: (world: World) => SandboxExtension;
}

/** The path of the endpoints that OpenRouter does not have. */
export const controlPath = "/_sandbox";

/** The answer at {@link controlPath}, which distinguishes a sandbox from any other server. */
export const identity = { sandbox: "openclaw-openrouter", version: 1 } as const;

/** Whose keys a sandbox knows, without telling where its state is. */
export function ownerOf(stateFile: string): string {
  return sha256(resolve(stateFile));
}

/** A running sandbox. */
export interface Sandbox {
  readonly port: number;
  /** The base URL that replaces `https://openrouter.ai/api/v1`. */
  readonly baseUrl: string;
  /** Closes the server and its open connections. */
  close(): Promise<void>;
}

/** The largest request; the gateway's are about 60 kB. */
const longestRequest = 16 * 1024 * 1024;

/**
 * Serves a local OpenRouter on the loopback: real behaviour, no model, no bill.
 * @throws {UserError} if the port is in use or the state file cannot be read
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const world = new World(options.stateFile, options.extend);
  if (options.key !== undefined && !findKey(world, options.key)) addKey(world, options.key);
  const { managementKey } = options;
  if (managementKey !== undefined && !findKey(world, managementKey))
    addKey(world, managementKey, { name: "management", management: true });
  const server = createServer((request, response) => {
    serve(world, options, request, response).catch(() => response.destroy());
  });
  await listen(server, options.port);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    baseUrl: `http://127.0.0.1:${port}${apiPath}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(
  world: World,
  options: SandboxOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const text = await readBody(request);
  const answer = refusable(() => {
    assertLoopback(request);
    if (text === undefined) throw new Refusal(413, "The request is too large");
    const body = parseBody(text);
    if (url.pathname === controlPath || url.pathname.startsWith(`${controlPath}/`)) {
      assertNoWebPage(request);
      if (method === "GET" && url.pathname === controlPath) {
        const { stateFile } = options;
        return json(200, { ...identity, ...(stateFile === undefined ? {} : { owner: ownerOf(stateFile) }) });
      }
      return world.extension?.control(method, url.pathname, body) ?? errorAnswer(404, "Not Found");
    }
    if (!url.pathname.startsWith(`${apiPath}/`)) return errorAnswer(404, "Not Found");

    const path = url.pathname.slice(apiPath.length);
    const key = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    const fingerprint = key === undefined ? undefined : keyFingerprint(key);
    const label = key === undefined ? undefined : findKey(world, key)?.label;
    const answered = answerApi(world, { method, path, query: url.searchParams, key, fingerprint, body });
    const entry: RequestEntry = {
      time: world.now().toISOString(),
      method,
      path,
      status: answered.status,
      ...defined({ key: fingerprint === undefined ? undefined : { fingerprint, ...defined({ label }) } }),
      ...chatDetails(body),
      ...defined({ userAgent: request.headers["user-agent"] || undefined }),
    };
    options.onRequest?.(entry);
    return answered;
  });
  await (world.extension?.send(response, answer) ?? send(response, answer));
}

function send(response: ServerResponse, { status, contentType, headers, body }: Answer): void {
  response.writeHead(status, { "content-type": contentType, ...headers }).end(body);
}

function chatDetails(body: unknown): Pick<RequestEntry, "model" | "stream"> {
  const { model, stream } = (body ?? {}) as { model?: unknown; stream?: unknown };
  return {
    ...(typeof model === "string" ? { model } : {}),
    ...(typeof stream === "boolean" ? { stream } : {}),
  };
}

/** Refuses other hosts: a web page can reach the loopback by a name that resolves to it; the Host header shows that name. */
function assertLoopback(request: IncomingMessage): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!["127.0.0.1", "localhost", "[::1]"].includes(host)) throw new Refusal(403, "Only for this machine");
}

/** Refuses web pages: browsers send the page's origin with a request, programs do not. */
function assertNoWebPage(request: IncomingMessage): void {
  const site = request.headers["sec-fetch-site"];
  if (request.headers.origin !== undefined || (site !== undefined && site !== "none")) {
    throw new Refusal(403, "Not for web pages");
  }
}

/** The request's body; undefined if it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length <= longestRequest) parts.push(part);
  }
  return length > longestRequest ? undefined : Buffer.concat(parts).toString("utf8");
}

function parseBody(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "The request is not valid JSON");
  }
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  }).catch((cause: unknown) => {
    throw new UserError(
      {
        problem: `The sandbox cannot listen on 127.0.0.1:${port}.`,
        got: String((cause as NodeJS.ErrnoException).code ?? cause),
        fix: `Find the program that uses the port, and stop it: ss -ltnp 'sport = :${port}'`,
      },
      { cause },
    );
  });
}
