import { BlockList, isIP } from "node:net";

/**
 * The proxy for a URL from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in small or capital letters; undefined if there is none. A URL
 * on this host never uses a proxy.
 */
export function proxyFor(url: string, environment: NodeJS.ProcessEnv): string | undefined {
  const value = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const { protocol, hostname, port } = new URL(url);
  const proxy = value(protocol === "https:" ? "https_proxy" : "http_proxy");
  if (!proxy || isLoopback(hostname)) return undefined;
  const excluded = (value("no_proxy") ?? "").split(/[\s,]+/).filter(Boolean);
  return excluded.some((entry) =>
    isExcluded(entry.toLowerCase(), hostname, port || (protocol === "https:" ? "443" : "80")),
  )
    ? undefined
    : withScheme(proxy);
}

/** Whether a URL's host name can only mean this host. */
export function isLoopback(hostname: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|(.+\.)?localhost\.?|\[::1?\]|\[::ffff:7f[0-9a-f]{2}:[0-9a-f]+\])$/i.test(
    hostname,
  );
}

/** A value of NO_PROXY that also has a child reach these URLs without a proxy. @param urls separated by spaces */
export function noProxyFor(urls: string, environment: NodeJS.ProcessEnv): string {
  const hosts = urls.split(" ").map((url) => withoutBrackets(new URL(url).hostname));
  return [environment.NO_PROXY || environment.no_proxy, ...hosts].filter(Boolean).join(",");
}

/**
 * Whether an entry of NO_PROXY matches: `*`, a host, or a domain with its subdomains, with or without a port; an address, or a
 * network of them (CIDR).
 */
function isExcluded(entry: string, hostname: string, port: string): boolean {
  if (entry === "*") return true;
  const [network = "", bits] = entry.split("/");
  if (isIP(network) !== 0) return isWithin(withoutBrackets(hostname), network, bits);
  const [, name = "", entryPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (entryPort !== undefined && entryPort !== port) return false;
  const domain = name.replace(/^\*?\./, "");
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

function isWithin(address: string, network: string, bits = isIP(network) === 4 ? "32" : "128"): boolean {
  if (isIP(address) !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  const family = isIP(network) === 4 ? "ipv4" : "ipv6";
  if (Number(bits) > (family === "ipv4" ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/** Adds the missing scheme: many people write `proxy:3128`. */
function withScheme(proxy: string): string {
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}
