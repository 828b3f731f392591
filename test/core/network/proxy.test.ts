import { noProxyFor, proxyFor } from "../../../lib/core/network/proxy";
import { openRouterClient } from "../../../lib/openrouter/client";
import { OpenRouterFailure } from "../../../lib/openrouter/errors";
import { canary } from "../../support/deployment";

const url = "https://openrouter.ai/api/v1/key";
const proxy = "http://proxy:3128";

test.each<[string, Record<string, string>, string | undefined]>([
  ["nothing", {}, undefined],
  ["HTTPS_PROXY", { HTTPS_PROXY: proxy }, proxy],
  ["small letters, which win", { https_proxy: proxy, HTTPS_PROXY: "http://other:1" }, proxy],
  ["no scheme", { HTTPS_PROXY: "proxy:3128" }, proxy],
  ["a proxy for http alone", { HTTP_PROXY: proxy }, undefined],
  ["the host excluded", { HTTPS_PROXY: proxy, NO_PROXY: "a.example, openrouter.ai" }, undefined],
  ["its domain excluded", { HTTPS_PROXY: proxy, no_proxy: ".ai" }, undefined],
  ["its port excluded", { HTTPS_PROXY: proxy, NO_PROXY: "openrouter.ai:443" }, undefined],
  ["another port excluded", { HTTPS_PROXY: proxy, NO_PROXY: "openrouter.ai:8443" }, proxy],
  ["a name that merely ends like it excluded", { HTTPS_PROXY: proxy, NO_PROXY: "router.ai" }, proxy],
  ["in capitals, with a star, a comma and no blank", { HTTPS_PROXY: proxy, NO_PROXY: "x,*.AI,y" }, undefined],
  [
    "every address of a network excluded, of which a name is none",
    { HTTPS_PROXY: proxy, NO_PROXY: "10.0.0.0/8" },
    proxy,
  ],
  ["an empty list", { HTTPS_PROXY: proxy, NO_PROXY: " , " }, proxy],
  ["one for all, which is not followed", { ALL_PROXY: proxy, all_proxy: proxy }, undefined],
  ["everything excluded", { HTTPS_PROXY: proxy, NO_PROXY: "*" }, undefined],
])("%s", (_, environment, expected) => {
  expect(proxyFor(url, environment)).toBe(expected);
});

test.each(["http://127.0.0.1:18201/api/v1", "http://localhost:1", "http://[::1]:1"])(
  "%s is on this host",
  (local) => {
    expect(proxyFor(local, { HTTP_PROXY: proxy, HTTPS_PROXY: proxy })).toBeUndefined();
  },
);

test.each<[string, string, boolean]>([
  ["its network", "https://10.1.2.3:8443", true],
  ["another network", "https://11.1.2.3", false],
  ["a name, which is in no network", "https://ten.example", false],
  ["the address itself", "https://192.0.2.7", true],
  ["its network of IPv6", "https://[fd00:1::7]", true],
  ["another one of IPv6", "https://[fe00:1::7]", false],
  ["the address of IPv6, written otherwise", "https://[2001:db8::1]", true],
])("addresses and networks in NO_PROXY, as Go and curl take them: %s", (_, target, isExcluded) => {
  const NO_PROXY = "10.0.0.0/8,192.0.2.7,fd00::/8,2001:db8:0::1,10.0.0.0/x,10.0.0.0/99";
  expect(proxyFor(target, { HTTPS_PROXY: proxy, NO_PROXY })).toBe(isExcluded ? undefined : proxy);
});

test("Terraform's provider reaches Vault without the proxy, and everything else as before", () => {
  const vault = "https://vault.example:8200 https://[fd00::5]:8200";
  expect(noProxyFor(vault, { no_proxy: ".corp" })).toBe(".corp,vault.example,fd00::5");
  expect(noProxyFor("https://127.0.0.1:8200", {})).toBe("127.0.0.1");
});

describe("a proxy that is named with a password", () => {
  const { HTTPS_PROXY } = process.env;
  afterEach(() => {
    if (HTTPS_PROXY === undefined) delete process.env.HTTPS_PROXY;
    else process.env.HTTPS_PROXY = HTTPS_PROXY;
  });

  test.each([
    "http://user:hunter2@127.0.0.1:1",
    "https://user:hunter2@127.0.0.1:1",
    "socks5://user:hunter2@127.0.0.1:1",
    "user:hunter2@127.0.0.1:1",
    "http://us er:hunter2@@:x",
    "ftp://user:hunter2@h",
  ])("is told of without it: %s", async (named) => {
    process.env.HTTPS_PROXY = named;
    const options = { baseUrl: "https://openrouter.invalid/api/v1", timeoutSeconds: 5, retries: 0 };
    const error = await openRouterClient({ ...options, key: canary })
      .getKey()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OpenRouterFailure);
    const { message, fix, stack } = error as OpenRouterFailure;
    expect(`${message}${fix}${stack}`).not.toMatch(/hunter2|sk-or-v1-/);
    expect(fix).toMatch(/HTTPS_PROXY|proxy/);
  });
});
