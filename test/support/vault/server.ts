import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { VaultTlsFiles } from "../../../lib/model/vault/vault-tls";

/** A call as it reached the stub. */
export interface Call {
  /** Such as `GET sys/health`. */
  readonly name: string;
  readonly token: string | undefined;
  /** `X-Vault-Namespace`. */
  readonly namespace?: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: each call's body is its own
  readonly body: any;
}

/** What is answered: status and body; a string and bytes are sent as they stand, `undefined` is no body at all. */
export type Answer = readonly [status: number, body?: unknown];

/** What an open Vault answers to `GET sys/seal-status`. */
export const openVault = {
  type: "shamir",
  initialized: true,
  sealed: false,
  t: 3,
  n: 5,
  progress: 0,
  version: "1.21.2",
};

/** An HTTP server on loopback that answers as a test says. */
export interface Stub {
  readonly address: string;
  readonly port: number;
  readonly calls: Call[];
  close(): Promise<void>;
}

/**
 * @param tls by TLS, with these files. @default plain HTTP
 * @param at the port. @default a free one
 */
export async function serveStub(answer: (call: Call) => Answer, tls?: VaultTlsFiles, at = 0): Promise<Stub> {
  const calls: Call[] = [];
  const answered = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const token = request.headers["x-vault-token"];
    const call: Call = {
      name: nameOf(request.method ?? "GET", request.url ?? ""),
      token: typeof token === "string" ? token : undefined,
      namespace: request.headers["x-vault-namespace"]?.toString(),
      body: body ? JSON.parse(body) : undefined,
    };
    calls.push(call);
    const [status, content] = answer(call);
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(
      typeof content === "string" || Buffer.isBuffer(content) ? content : content && JSON.stringify(content),
    );
  };
  const server = tls
    ? createSecureServer(
        { cert: readFileSync(tls.certificateFile), key: readFileSync(tls.keyFile) },
        answered,
      )
    : createServer(answered);
  await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    port,
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
