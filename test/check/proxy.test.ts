import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Bed, key, makeBed } from "./support";

/** Stands between this host and the world: remembers who is asked for, and refuses. */
let proxy: Server;
let address: string;
let asked: string[] = [];
let bed: Bed;

beforeAll(async () => {
  proxy = createServer().on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  address = `http://me:hidden@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  bed = await makeBed({ openrouter: { baseUrl: "https://openrouter.invalid/api/v1" } });
}, 300_000);
afterAll(async () => {
  await bed.close();
  proxy.close();
});
beforeEach(() => {
  asked = [];
});

async function check(environment: Record<string, string>) {
  Object.assign(bed.env, { HTTPS_PROXY: "", NO_PROXY: "" }, environment);
  const { code, text } = await bed.check("--only", "key.valid", "--timeout", "20");
  expect(code).toBe(1);
  expect(text).not.toMatch(/hidden/);
  expect(text).not.toContain(key);
  return text.replace(/\s+/g, " ");
}

test("HTTPS_PROXY is asked for OpenRouter, and not for Vault; that it refuses is said", async () => {
  expect(await check({ HTTPS_PROXY: address })).toMatch(/✖ key\.valid A proxy .* refuses .* HTTPS_PROXY/);
  expect(new Set(asked)).toEqual(new Set(["openrouter.invalid:443"]));
}, 300_000);

test("NO_PROXY goes around it", async () => {
  expect(await check({ HTTPS_PROXY: address, NO_PROXY: ".invalid" })).toMatch(
    /✖ key\.valid .*(resolved|timed out|complete answer)/,
  );
  expect(asked).toEqual([]);
}, 300_000);
