/**
 * What fetches a URL: Node's own `fetch`, which knows no proxy, or one that goes by the proxy which the environment names
 * for it.
 */
export async function fetchFor(
  url: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<typeof fetch> {
  const proxy = proxyFor(url, environment);
  if (!proxy) return fetch;
  const { proxiedFetch } = await import("./proxied-fetch");
  return proxiedFetch(proxy);
}

/**
 * The proxy for a URL by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small letters or capitals; undefined where there is
 * none. What is on this host never goes by a proxy.
 */
export function proxyFor(url: string, environment: NodeJS.ProcessEnv): string | undefined {
  const value = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const { protocol, hostname, port } = new URL(url);
  const proxy = value(protocol === "https:" ? "https_proxy" : "http_proxy");
  if (!proxy || isLoopback(hostname)) return undefined;
  const excluded = (value("no_proxy") ?? "").split(/[\s,]+/).filter(Boolean);
  return excluded.some((entry) => isExcluded(entry.toLowerCase(), hostname, port))
    ? undefined
    : withScheme(proxy);
}

/** Whether a URL's host name can only mean this host. */
export function isLoopback(hostname: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|(.+\.)?localhost\.?|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/i.test(
    hostname,
  );
}

/** An entry of NO_PROXY: `*`, a host, or a domain with all that lies under it; with a port or without. */
function isExcluded(entry: string, hostname: string, port: string): boolean {
  if (entry === "*") return true;
  const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== (port || "443")) return false;
  const domain = name.replace(/^\*?\./, "");
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

/** `proxy:3128` is how many write it. */
function withScheme(proxy: string): string {
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}
