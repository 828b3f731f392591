import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A call as it reached the stub. */
export interface Call {
  /** Such as `GET sys/health`. */
  readonly name: string;
  readonly token: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: each call's body is its own
  readonly body: any;
}

/** What is answered: status and body; a string is sent as it stands, `undefined` is no body at all. */
export type Answer = readonly [status: number, body?: unknown];

/** An HTTP server on loopback that answers as a test says. */
export interface Stub {
  readonly address: string;
  readonly calls: Call[];
  close(): Promise<void>;
}

export async function serveStub(answer: (call: Call) => Answer): Promise<Stub> {
  const calls: Call[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const body = await text(request);
    const token = request.headers["x-vault-token"];
    const call: Call = {
      name: nameOf(request.method ?? "GET", request.url ?? ""),
      token: typeof token === "string" ? token : undefined,
      body: body ? JSON.parse(body) : undefined,
    };
    calls.push(call);
    const [status, content] = answer(call);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(
      typeof content === "string" ? content : content === undefined ? "" : JSON.stringify(content),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Vault takes `GET …?list=true` for its own method LIST. */
function nameOf(method: string, url: string): string {
  const { pathname, searchParams } = new URL(url, "http://vault");
  return `${searchParams.get("list") === "true" ? "LIST" : method} ${pathname.replace(/^\/v1\//, "")}`;
}
