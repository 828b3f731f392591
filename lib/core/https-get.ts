import { readdirSync, readFileSync } from "node:fs";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { get } from "node:https";
import type { Socket } from "node:net";
import { join } from "node:path";
import { rootCertificates, connect as tlsConnect } from "node:tls";
import { isLoopback } from "./proxy";

export interface HttpsAnswer {
  readonly status: number;
  /** At most its first 64 KiB. */
  readonly body: string;
}

/**
 * One GET within `timeout` milliseconds, through the proxy of the environment and with the system's CA certificates, as
 * Terraform does. Redirects are not followed.
 */
export async function httpsGet(url: string, timeout: number, env: NodeJS.ProcessEnv): Promise<HttpsAnswer> {
  const target = new URL(url);
  const signal = AbortSignal.timeout(timeout);
  const ca = trusted(env);
  const proxy = proxyFor(target, env);
  const tunnel = proxy ? await connect(proxy, target, signal) : undefined;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const send = target.protocol === "http:" ? httpRequest : get;
    const call = send(
      target,
      {
        signal,
        ca,
        agent: false,
        ...(tunnel
          ? { createConnection: () => tlsConnect({ socket: tunnel, servername: target.hostname, ca }) }
          : {}),
      },
      resolve,
    );
    call
      .on("error", reject)
      .on("close", () => reject(new Error("the connection was closed without an answer")));
    call.end();
  });
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) {
    body += chunk;
    if (body.length > 65_536) break;
  }
  return { status: response.statusCode ?? 0, body };
}

/**
 * The system's CA certificates: Node trusts only its own list. A company's certificate is in the system's files, or in those
 * that `SSL_CERT_FILE` and `SSL_CERT_DIR` name instead for a Go program.
 */
function trusted(env: NodeJS.ProcessEnv): string[] {
  const files = env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : systemCertificates;
  const folders = env.SSL_CERT_DIR?.split(":").filter(Boolean) ?? [];
  return [
    ...rootCertificates,
    ...files.flatMap(readable).slice(0, 1),
    ...folders.flatMap((folder) => namesIn(folder).flatMap((name) => readable(join(folder, name)))),
  ];
}

const systemCertificates = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/** The text of a file, if it can be read. */
function readable(path: string): string[] {
  try {
    return [readFileSync(path, "utf8")];
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function proxyFor(target: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const value = target.protocol === "https:" ? env.HTTPS_PROXY || env.https_proxy : undefined;
  const except = (env.NO_PROXY || env.no_proxy || "")
    .split(",")
    .map((name) => name.trim().replace(/^\*?\./, ""));
  const excepted = except.some(
    (name) => name === "*" || (name && (target.hostname === name || target.hostname.endsWith(`.${name}`))),
  );
  if (!value || excepted || isLoopback(target.hostname)) return undefined;
  return new URL(value.includes("://") ? value : `http://${value}`);
}

function connect(proxy: URL, target: URL, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const host = `${target.hostname}:${target.port || 443}`;
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const call = httpRequest({
      host: proxy.hostname,
      port: proxy.port || 80,
      method: "CONNECT",
      path: host,
      signal,
      headers: {
        Host: host,
        ...(proxy.username
          ? { "Proxy-Authorization": `Basic ${Buffer.from(login).toString("base64")}` }
          : {}),
      },
    });
    call.on("connect", (response, socket) => {
      if (response.statusCode === 200) return resolve(socket as Socket);
      socket.destroy();
      reject(new Error(`the proxy answered with status ${response.statusCode}`));
    });
    call.on("error", reject).on("close", () => reject(new Error("the proxy closed the connection")));
    call.end();
  });
}
