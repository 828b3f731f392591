import { tryKey } from "../../../lib/operations/key/try-key";
import { describeInstance } from "../../support/deployment";
import {
  type Fault,
  type Sandbox,
  type SandboxControl,
  sandboxControl,
  startSandbox,
} from "../../support/sandbox";

const key = `sk-or-v1-${"a7b8".repeat(16)}`;
const [sonnet, haiku] = ["anthropic/claude-sonnet-5", "anthropic/claude-haiku-4.5"];
const workspace = "0df9e665-d932-5740-b2c7-b52af166bc11";
let sandbox: Sandbox;
let control: SandboxControl;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key });
  control = sandboxControl(sandbox.port);
});
afterEach(() => sandbox.close());

const attempt = (models: object = {}) =>
  tryKey(
    describeInstance({ openrouter: { baseUrl: sandbox.baseUrl }, models }),
    key,
    new AbortController().signal,
  );
const empty: Fault = { status: 200, body: { id: "gen-x", model: "x/y", choices: [] } };
const chats = async () =>
  (await control.requests()).filter(({ path }) => path === "/chat/completions").map(({ model }) => model);

describe("a good key is called good", () => {
  test("with a model that must reason", async () => {
    expect(await attempt({ default: "google/gemini-2.5-pro" })).toMatchObject({ works: true });
    expect(await chats()).toEqual(["google/gemini-2.5-pro"]);
  });

  test("with a model that must reason, which the catalogue does not tell", async () => {
    await control.addFault({ path: "/models", status: 404 });
    expect(await attempt({ default: "google/gemini-2.5-pro" })).toMatchObject({ works: true });
  });

  test.each(["openrouter/auto", "openrouter/free", "~anthropic/claude-sonnet-latest", `${haiku}:nitro`])(
    "with %s",
    async (id) => {
      expect(await attempt({ default: id })).toMatchObject({ works: true });
      expect(await chats()).toEqual([id]);
    },
  );

  test("where the provider gives no answer at first", async () => {
    await control.addFault({ model: sonnet, times: 1, ...empty });
    expect(await attempt()).toMatchObject({ works: true });
    expect(await chats()).toEqual([sonnet, sonnet]);
  });

  test("where the default model gives none, and the fallback does", async () => {
    await control.addFault({ model: sonnet, ...empty });
    const trial = await attempt();
    expect(trial).toMatchObject({ works: true });
    expect(trial).not.toHaveProperty("noAnswer");
    expect(await chats()).toEqual([sonnet, sonnet, haiku]);
  });

  test("without an answer of any model, which is reported", async () => {
    await control.addFault({ path: "/chat/completions", ...empty });
    expect(await attempt()).toMatchObject({
      works: true,
      noAnswer: expect.stringMatching(/claude-haiku-4\.5: The model's provider gave no answer/),
    });
  });

  test("where OpenRouter does not know the settings' models", async () => {
    expect(await attempt({ default: "x/y", fallback: "x/z" })).toMatchObject({
      works: true,
      noAnswer: expect.stringContaining("x/z"),
    });
  });

  test("where an own key of the provider is wrong", async () => {
    const body = {
      error: { code: 401, message: "Provider returned error", metadata: { raw: "invalid x-api-key" } },
    };
    await control.addFault({ path: "/chat/completions", status: 401, body });
    expect(await attempt()).toMatchObject({ works: true, noAnswer: expect.stringContaining("x-api-key") });
  });

  test("where the models' providers do not serve the host's region", async () => {
    const body = { error: { code: 403, message: "This model is not available in your region." } };
    await control.addFault({ path: "/chat/completions", status: 403, body });
    expect(await attempt()).toMatchObject({ works: true, noAnswer: expect.stringContaining("region") });
  });

  test("where own keys of providers pay, whatever the limit", async () => {
    await control.putAccount({ byokAuthors: ["anthropic"] });
    await control.putKey({ key, usage: { total: 30, daily: 30, weekly: 30, monthly: 30 } });
    expect(await attempt()).toMatchObject({ works: true });
  });
});

describe("a bad key is called bad", () => {
  test.each<[string, () => Promise<void>, RegExp]>([
    ["is disabled", () => control.putKey({ key, disabled: true }), /does not accept the key/],
    ["is a management key", () => control.putKey({ key, management: true }), /management key/],
    [
      "has spent its limit",
      () => control.putKey({ key, usage: { total: 30, daily: 30, weekly: 30, monthly: 30 } }),
      /own limit is spent/,
    ],
    [
      "belongs to a workspace that has spent its budget",
      () => control.putWorkspace({ id: workspace, monthlyBudget: 0 }),
      /workspace's budget is spent/,
    ],
    [
      "may use neither model",
      () => control.putWorkspace({ id: workspace, allowedModels: ["deepseek/deepseek-v3.2"] }),
      /constraints/,
    ],
    ["belongs to an empty account", () => control.putAccount({ totalUsage: 100 }), /no credit left/],
  ])("that %s", async (_, spoil, why) => {
    await spoil();
    expect(await attempt()).toEqual({ works: false, why: expect.stringMatching(why) });
  });

  test("if it is not known whether it works", async () => {
    await control.addFault({ path: "/chat/completions", status: 503, headers: { "retry-after": "3600" } });
    expect(await attempt()).toMatchObject({ works: false });
  });
});
