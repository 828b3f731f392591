import type { EnvHttpProxyAgent } from "undici";

let agent: EnvHttpProxyAgent | undefined;

/**
 * What fetches a URL: Node's own `fetch`, which knows no proxy, or, where HTTPS_PROXY or HTTP_PROXY is set, one that goes by
 * it and by NO_PROXY. What is on this host never goes by a proxy.
 */
export async function fetchFor(url: string, environment: NodeJS.ProcessEnv = process.env): Promise<typeof fetch> {
  const proxied = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].some((name) => environment[name]);
  if (!proxied || isLocal(url)) return fetch;
  const undici = await import("undici");
  agent ??= new undici.EnvHttpProxyAgent();
  const dispatcher = agent;
  const proxyFetch = (input: unknown, init: object) => undici.fetch(input as string, { ...init, dispatcher });
  return proxyFetch as unknown as typeof fetch;
}

function isLocal(url: string): boolean {
  return URL.canParse(url) && ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}
