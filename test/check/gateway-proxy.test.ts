import { openclawGateway } from "../../lib/check/checks/openclaw-gateway";
import type { CheckContext } from "../../lib/check/context";
import type { GatewayView } from "../../lib/openclaw/gateway/view";
import { describeInstance } from "../support/deployment";

const running = "the running gateway (pid 4711)";
const view: GatewayView = {
  agents: [{ id: "main", model: "openrouter/a/b" }],
  key: { kind: "managed", isOverridable: false },
  keys: { files: [] },
  keysWin: false,
  unread: new Map(),
  mismatches: [],
  allowLists: [],
  elsewhere: [],
  withoutProxy: [running],
};
jest.mock("../../lib/openclaw/gateway/view", () => ({ viewGateway: async () => view }));

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

const found = (proxy: string | undefined) => {
  for (const name of ["https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"]) delete process.env[name];
  if (proxy) process.env.HTTPS_PROXY = proxy;
  const { home, openclawFolder: folder } = describeInstance({});
  const parameters = { instance: "default", folder, model: "a/b", otherModels: {} };
  return openclawGateway.run({
    parameters: { ...parameters, baseUrl: "https://openrouter.ai/api/v1" },
    home,
    gateway: "no",
  } as unknown as CheckContext);
};

test("a gateway without the proxy by which the check reaches OpenRouter is a warning: the chats prove nothing for it", async () => {
  expect(await found("http://proxy:3128")).toMatchObject({
    status: "warn",
    summary: expect.stringContaining(`${running} has no proxy`),
    fix: expect.stringMatching(/proxyUrl.*OPENCLAW_PROXY_URL/),
  });
});

test("where the check needs none, the gateway needs none", async () => {
  expect(await found(undefined)).toMatchObject({ status: "pass" });
});
