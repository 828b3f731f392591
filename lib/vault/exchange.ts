import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { TLSSocket } from "node:tls";

/** The server's certificate is not vouched for, is not in force, or names another server. */
export class CertificateRefused extends Error {}

export interface Exchange {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What the server's certificate must be signed by, PEM. @default the system's own */
  readonly ca?: string;
  /** Milliseconds for the whole exchange. */
  readonly timeout: number;
}

/**
 * One HTTP exchange. Not `fetch`: on Node 20 a process ends in silence, with exit code 0, where a connection is reset while
 * only its timeout is pending; and it takes no certificate authority of one's own.
 * @throws CertificateRefused
 * @throws the socket's own error, with its `code`
 */
export function exchange(url: string, options: Exchange): Promise<{ status: number; text: string }> {
  const { method, headers, body, ca, timeout } = options;
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = send(url, { method, headers, ...(ca ? { ca } : {}) }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => settle(() => resolve({ status: response.statusCode ?? 0, text })));
      response.on("error", (error) => settle(() => reject(error)));
    });
    const timer = setTimeout(() => call.destroy(new Error(`no answer within ${timeout / 1000} s`)), timeout);
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    call.on("error", (error) => settle(() => reject(isRefused(call.socket) ? refused(error) : error)));
    call.end(body);
  });
}

function isRefused(socket: unknown): boolean {
  return socket instanceof TLSSocket && Boolean(socket.authorizationError);
}

function refused(error: Error): CertificateRefused {
  return new CertificateRefused(error.message, { cause: error });
}
