import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { type OpenRouterClientOptions, openRouterClient } from "../../lib/openrouter/client";
import { OpenRouterFailure } from "../../lib/openrouter/errors";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../support/sandbox";
import { answers } from "./answers";

const key = `sk-or-v1-${"e5f6".repeat(16)}`;
const model = "anthropic/claude-haiku-4.5";
const question = { model, maxTokens: 16, prompt: "Reply just OK" };
let sandbox: Sandbox;
let control: SandboxControl;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key });
  control = sandboxControl(sandbox.port);
});
afterEach(() => sandbox.close());

function client(options: Partial<OpenRouterClientOptions> = {}) {
  return openRouterClient({ baseUrl: sandbox.baseUrl, key, timeoutSeconds: 10, ...options });
}

async function failure(call: Promise<unknown>): Promise<OpenRouterFailure> {
  const error: unknown = await call.then(
    (value) => new Error(`it passed: ${JSON.stringify(value)}`),
    (reason) => reason,
  );
  if (!(error instanceof OpenRouterFailure)) throw error;
  expect(`${error.message}${error.fix}${error.stack}`).not.toContain(key.slice(12));
  return error;
}

describe("what is well", () => {
  test("the key's metadata", async () => {
    expect(await client().getKey()).toMatchObject({
      label: "sk-or-v1-e5f...5f6",
      limit: 30,
      limitRemaining: 30,
      limitReset: "monthly",
      usage: 0,
      usageMonthly: 0,
      isManagementKey: false,
      expiresAt: null,
    });
  });

  test.each([404, 405, 410, 308])(
    "by the other path, where the setup guide's is gone (%d)",
    async (status) => {
      await control.addFault({ path: "/auth/key", status, ...(status === 308 ? { text: "" } : {}) });
      expect((await client().getKey()).limit).toBe(30);
      expect((await control.requests()).map((entry) => entry.path)).toEqual(["/auth/key", "/key"]);
    },
  );

  test("unlimited stays null, and what is missing stays missing", async () => {
    const data = { label: "x", limit: null, limit_remaining: null, usage: 50 };
    await control.addFault({ path: "/auth/key", body: { data } });
    const info = await client().getKey();
    expect(info).toMatchObject({ limit: null, limitRemaining: null, usage: 50 });
    expect([info.usageMonthly, info.limitReset, info.expiresAt]).toEqual([undefined, undefined, undefined]);
  });

  test("the catalogue, for which the key is not sent", async () => {
    const models = await client().listModels();
    expect(models.find((entry) => entry.id === "anthropic/claude-sonnet-5")).toMatchObject({
      canonicalSlug: "anthropic/claude-5-sonnet-20260219",
      promptPrice: 0.000003,
      completionPrice: 0.000015,
      supportedParameters: expect.arrayContaining(["reasoning"]),
    });
    expect((await control.requests())[0]?.key).toBeUndefined();
  });

  test("the models of the key, for which it is sent", async () => {
    const [{ id = "" } = {}] = await client().listOwnModels();
    expect(id).toContain("/");
    expect((await control.requests())[0]).toMatchObject({ path: "/models/user", key: {} });
  });

  test("no model at all is the key's, but not the catalogue", async () => {
    const none = { data: [], links: { next: null }, total_count: 0 };
    await control.addFault({ path: "/models/user", body: none });
    await control.addFault({ path: "/models", body: none });
    expect(await client().listOwnModels()).toEqual([]);
    expect((await failure(client().listModels())).kind).toBe("unexpected");
  });

  test("every page of the catalogue", async () => {
    const next = "/api/v1/models?offset=2";
    await control.addFault({
      path: "/models",
      times: 1,
      body: { data: [{ id: "a/b" }, { id: 5 }], links: { next }, total_count: 3 },
    });
    await control.addFault({ path: "/models", body: { data: [{ id: "c/d" }], links: { next: null } } });
    expect((await client().listModels()).map(({ id }) => id)).toEqual(["a/b", "c/d"]);
  });

  test("a catalogue without end has one", async () => {
    await control.addFault({ path: "/models", body: { data: [{ id: "a/b" }], links: { next: "x" } } });
    expect(await client().listModels()).toHaveLength(20);
  });

  test("one entry of the catalogue that cannot be read hides no other", async () => {
    await control.addFault({
      path: "/models",
      body: { data: [{ id: 5 }, null, { id: "a/b", pricing: { prompt: "x" } }] },
    });
    const models = await client().listModels();
    expect(models).toMatchObject([{ id: "a/b", canonicalSlug: "a/b", promptPrice: undefined }]);
  });

  test("a chat", async () => {
    expect(await client().chat(question)).toEqual({
      model,
      content: "OK",
      finishReason: "stop",
      promptTokens: expect.any(Number),
      completionTokens: 1,
      reasoned: false,
      cost: expect.any(Number),
      byokCost: undefined,
    });
  });

  test("a chat cut at its longest answer", async () => {
    const answer = await client().chat({ ...question, prompt: "Tell me a story", maxTokens: 2 });
    expect(answer.finishReason).toBe("length");
  });

  test("another model answers, which is reported", async () => {
    await control.addFault({ model, answeredBy: "google/gemini-2.5-pro" });
    expect((await client().chat(question)).model).toBe("google/gemini-2.5-pro");
  });

  test("blank lines before the JSON, any content type, byte by byte", async () => {
    await control.addFault({ model, blankLines: 5, delayMs: 1, contentType: "text/plain", dripMs: 0 });
    expect((await client().chat(question)).content).toBe("OK");
  });

  const completion = { model, choices: [{ finish_reason: "stop", message: { content: "OK" } }] };

  test.each([
    ["no usage", undefined],
    ["a usage of its cost alone", { cost: 0.5 }],
    ["a usage without numbers", { prompt_tokens: null, completion_tokens: "2", cost: 0.5 }],
    ["a usage of another shape", []],
  ])("an answer with %s is one", async (_, usage) => {
    await control.addFault({ path: "/chat/completions", body: { ...completion, usage } });
    expect(await client().chat(question)).toMatchObject({
      ...{ content: "OK", promptTokens: undefined, completionTokens: undefined },
      cost: usage && "cost" in usage ? 0.5 : undefined,
    });
  });

  test("a document behind comments", async () => {
    const comments = ": OPENROUTER PROCESSING\n\n".repeat(2);
    await control.addFault({ path: "/chat/completions", text: comments + JSON.stringify(completion) });
    expect((await client().chat(question)).content).toBe("OK");
    await control.clearFaults();
    const refused = JSON.stringify({ error: { code: 402, message: "Insufficient credits." } });
    await control.addFault({ path: "/chat/completions", text: comments + refused });
    expect((await failure(client().chat(question))).kind).toBe("credits-insufficient");
    await control.clearFaults();
    await control.addFault({ path: "/chat/completions", text: comments });
    expect((await failure(client({ retries: 0 }).chat(question))).kind).toBe("cut-off");
  });

  test("headers that name the caller, whatever letters its name has", async () => {
    expect(
      (await client({ referer: "https://example.org/", title: "Café – 会社" }).chat(question)).content,
    ).toBe("OK");
  });
});

describe("an answer of OpenRouter's", () => {
  test.each(answers)("$name: $kind", async ({ fault, kind, fix, again, otherModel }) => {
    await control.addFault({ path: "/chat/completions", ...fault });
    const error = await failure(client({ retries: 0 }).chat(question));
    expect(error.kind).toBe(kind);
    expect([error.retryable, error.tryAnotherModel]).toEqual([again, otherModel]);
    expect(error.fix).toMatch(fix);
  });

  test("in a choice", async () => {
    await control.addFault({ model, error: { code: 529, message: "Overloaded" } });
    const error = await failure(client({ retries: 0 }).chat(question));
    expect(error).toMatchObject({ kind: "server", status: 529, tryAnotherModel: true });
    expect(error.message).toContain("Overloaded");
  });

  test("that quotes the key is reported without it", async () => {
    await control.addFault({
      path: "/auth/key",
      status: 401,
      body: { error: { message: `No such key: ${key}`, code: 401 } },
    });
    expect((await failure(client().getKey())).message).toContain("No such key: sk-or-v1-e5f…");
    await control.clearFaults();
    await control.addFault({
      path: "/auth/key",
      body: { data: { label: key, limit: 1, limit_remaining: 1, usage: 0 } },
    });
    expect((await client().getKey()).label).toBe("sk-or-v1-e5f…");
  });
});

describe("what the sandbox refuses by itself", () => {
  test("the key's limit is not the account's credit", async () => {
    await control.putKey({ key, usage: { total: 30, daily: 30, weekly: 30, monthly: 30 } });
    expect((await failure(client().chat(question))).kind).toBe("key-limit");
    await control.putKey({ key, usage: { total: 0, daily: 0, weekly: 0, monthly: 0 } });
    await control.putAccount({ totalUsage: 100 });
    expect((await failure(client().chat(question))).kind).toBe("credits-insufficient");
  });

  test("a management key does not chat", async () => {
    await control.putKey({ key, management: true });
    expect((await client().getKey()).isManagementKey).toBe(true);
    expect((await failure(client().chat(question))).kind).toBe("management-key");
  });
});

describe("repetition", () => {
  const calls = async () => (await control.requests()).length;

  test.each([400, 401, 402, 403, 404, 413, 422])("none after %i", async (status) => {
    await control.addFault({ path: "/chat/completions", status, headers: { "retry-after": "0" } });
    await failure(client().chat(question));
    expect(await calls()).toBe(1);
  });

  test.each([408, 429, 500, 502, 503, 504, 524, 529])("after %i, which passes", async (status) => {
    await control.addFault({ path: "/chat/completions", status, times: 1 });
    expect((await client().chat(question)).content).toBe("OK");
    expect(await calls()).toBe(2);
  });

  test("a connection that breaks passes as well", async () => {
    await control.addFault({ path: "/chat/completions", reset: true, times: 1 });
    await control.addFault({ path: "/chat/completions", cutAfterBytes: 10, times: 1 });
    expect((await client().chat(question)).content).toBe("OK");
  });

  test("is bounded in number", async () => {
    await control.addFault({ path: "/chat/completions", status: 503 });
    expect((await failure(client({ retries: 1 }).chat(question))).kind).toBe("server");
    expect(await calls()).toBe(2);
  });

  test("waits as long as asked to", async () => {
    await control.addFault({
      path: "/chat/completions",
      status: 429,
      headers: { "retry-after": "1" },
      times: 1,
    });
    await client().chat(question);
    const [first, second] = (await control.requests()).map((entry) => Date.parse(entry.time));
    expect(second! - first!).toBeGreaterThanOrEqual(990);
  });

  test.each([
    ["an hour away, in milliseconds", () => Date.now() + 3_600_000],
    ["an hour away, in seconds", () => Math.ceil(Date.now() / 1000) + 3600],
  ])("waits for OpenRouter's own limit, whose end is %s", async (_, reset) => {
    const metadata = { headers: { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(reset()) } };
    const error = { code: 429, message: "Rate limit exceeded: free-models-per-min. ", metadata };
    await control.addFault({ path: "/chat/completions", status: 429, body: { error } });
    expect((await failure(client().chat(question))).fix).toMatch(/asks to wait (3600|3599|3601) s/);
    expect(await calls()).toBe(1);
  });

  test("does not wait for a limit that is over", async () => {
    const metadata = { headers: { "X-RateLimit-Reset": String(Date.now() - 1000) } };
    const error = { code: 429, message: "Rate limit exceeded", metadata };
    await control.addFault({ path: "/chat/completions", status: 429, body: { error }, times: 1 });
    expect((await client().chat(question)).content).toBe("OK");
  });

  test("does not begin where it would last longer than the call may", async () => {
    await control.addFault({ path: "/chat/completions", status: 503, headers: { "retry-after": "3600" } });
    const error = await failure(client().chat(question));
    expect(error.fix).toContain("3600 s");
    expect(await calls()).toBe(1);
  });
});

describe("no answer at all", () => {
  test("a timeout, before the answer and within it", async () => {
    await control.addFault({ path: "/models", delayMs: 600_000, times: 1 });
    const before = await failure(client({ timeoutSeconds: 0.2 }).listModels());
    expect(before).toMatchObject({ kind: "timeout", tryAnotherModel: true });
    expect(before.fix).toContain("the fallback takes over");
    await control.addFault({ path: "/models", dripMs: 20 });
    expect((await failure(client({ timeoutSeconds: 0.2 }).listModels())).kind).toBe("timeout");
  });

  test("a signal ends the call with its own reason", async () => {
    await control.addFault({ path: "/models", delayMs: 600_000 });
    const stop = new AbortController();
    const call = client({ signal: stop.signal }).listModels();
    stop.abort(new Error("Ctrl-C"));
    await expect(call).rejects.toThrow("Ctrl-C");
  });

  test("nothing listens", async () => {
    const { port } = sandbox;
    await sandbox.close();
    const error = await failure(client({ retries: 0 }).getKey());
    expect(error).toMatchObject({ kind: "refused", retryable: false });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  test("a name that does not exist", async () => {
    const error = await failure(
      client({ baseUrl: "https://openrouter.invalid/api/v1", retries: 0 }).getKey(),
    );
    expect(error.kind).toBe("dns");
  });

  test("a server without TLS behind https", async () => {
    const error = await failure(
      client({ baseUrl: sandbox.baseUrl.replace("http:", "https:"), retries: 0 }).getKey(),
    );
    expect(error.kind).toBe("tls");
  });

  test("a server that speaks no HTTP", async () => {
    const server = createServer((socket) => socket.resume().end("SSH-2.0-nothing\r\n")).listen(
      0,
      "127.0.0.1",
    );
    await new Promise((resolve) => server.once("listening", resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await failure(client({ baseUrl, retries: 0 }).getKey())).kind).toBe("network");
    await new Promise((resolve) => server.close(resolve));
  });

  test.each(["not a url", "ftp://127.0.0.1/api", "https://user:secret@127.0.0.1/api"])(
    "the address %j",
    async (baseUrl) => {
      const error = await failure(client({ baseUrl }).getKey());
      expect(error.kind).toBe("address");
      expect(error.message).not.toContain("secret");
    },
  );

  test("a key that is no header", async () => {
    const broken = `${key.slice(0, 30)}\n${key.slice(30)}`;
    const error = await failure(client({ key: broken }).getKey());
    expect(error.kind).toBe("address");
    expect(error.message).not.toContain(key.slice(12, 30));
  });
});
