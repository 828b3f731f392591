import { type Dispatcher, ProxyAgent, fetch as undiciFetch } from "undici";

const agents = new Map<string, Dispatcher>();

/** A `fetch` through a proxy. Loaded only if a proxy is set: its library is most of a megabyte. */
export function proxiedFetch(proxy: string): typeof fetch {
  const dispatcher = agents.get(proxy) ?? new ProxyAgent({ uri: proxy });
  agents.set(proxy, dispatcher);
  const byProxy = (input: unknown, init: object) => undiciFetch(input as string, { ...init, dispatcher });
  return byProxy as unknown as typeof fetch;
}
