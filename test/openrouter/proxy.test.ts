import { proxyFor } from "../../lib/openrouter/proxy";

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
