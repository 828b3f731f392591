import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { openRouterClient } from "../../lib/openrouter/client";
import { OpenRouterFailure } from "../../lib/openrouter/errors";
import { isFull } from "../e2e/support/full";

const key = `sk-or-v1-${"7a9c".repeat(16)}`;
const runs = isFull ? 10_000 : 2_000;

/** Right answers of the three calls, and the fields without which each is useless. */
const calls = {
  getKey: {
    body: {
      data: { label: "sk-or-v1-7a9...a9c", limit: 30, limit_remaining: 30, usage: 0, limit_reset: "monthly" },
    },
    needed: [["data"], ["data", "label"], ["data", "limit"], ["data", "limit_remaining"], ["data", "usage"]],
  },
  listModels: {
    body: { data: [{ id: "x/y", pricing: { prompt: "0.1", completion: "0.1" } }] },
    needed: [["data"], ["data", "0"], ["data", "0", "id"]],
  },
  chat: {
    body: {
      model: "x/y",
      choices: [{ finish_reason: "stop", message: { role: "assistant", content: "OK" } }],
    },
    needed: [
      ["model"],
      ["choices"],
      ["choices", "0"],
      ["choices", "0", "finish_reason"],
      ["choices", "0", "message"],
      ["choices", "0", "message", "content"],
    ],
  },
} as const;
type Call = keyof typeof calls;

/** A value that can stand instead of no needed field, and that may hold the key. */
const wrong = fc.oneof(
  fc.constant(undefined),
  fc.boolean(),
  fc.constant({}),
  fc.constant({ key }),
  fc.constant([]),
  fc.constant([key]),
  fc.constant(""),
);

const withKey = fc.constantFrom(
  key,
  `Bearer ${key}`,
  JSON.stringify({ key }),
  `${key}${key}`,
  key.slice(9),
  key.slice(0, 40),
);

/** The right answer with a needed field dropped or replaced. */
function mutated(call: Call): fc.Arbitrary<string> {
  const { body, needed } = calls[call];
  return fc.tuple(fc.constantFrom(...needed), wrong).map(([path, value]) => {
    const copy = structuredClone(body) as unknown as Record<string, unknown>;
    let at = copy;
    for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>;
    // An empty label is a label.
    at[path.at(-1)!] = value === "" && path.at(-1) === "label" ? 0 : value;
    return JSON.stringify(copy);
  });
}

/** Bodies of which none is a right answer. */
function malformed(call: Call): fc.Arbitrary<string> {
  const right = JSON.stringify(calls[call].body);
  return fc.oneof(
    mutated(call),
    fc.nat(right.length - 1).map((length) => right.slice(0, length)),
    fc.tuple(fc.string(), withKey, fc.string()).map((parts) => parts.join("")),
    fc.tuple(withKey, fc.string()).map(([quoted, rest]) => `<html>${quoted}${rest}</html>`),
    fc
      .tuple(withKey, fc.jsonValue())
      .map(([quoted, code]) => JSON.stringify({ error: { message: quoted, code } })),
    fc
      .tuple(withKey, fc.jsonValue())
      .map(([quoted, metadata]) => JSON.stringify({ error: { message: quoted, metadata } })),
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.tuple(withKey, fc.string()).map(([quoted, rest]) => `data: ${quoted}${rest}\n\ndata: [DONE]\n\n`),
    fc
      .jsonValue()
      .map((value) => `: OPENROUTER PROCESSING\n\ndata: ${JSON.stringify(value)}\n\ndata: [DONE]\n\n`),
    fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("latin1")),
  );
}

const cases = fc.constantFrom<Call>("getKey", "listModels", "chat").chain((call) =>
  fc.record({
    call: fc.constant(call),
    body: malformed(call),
    status: fc.constantFrom(200, 200, 200, 201, 400, 401, 402, 403, 404, 429, 500, 503, 599),
    contentType: fc.constantFrom("application/json", "text/html", "text/event-stream"),
    retryAfter: fc.constantFrom(undefined, "0", "soon", "-1", key),
  }),
);

/** What the server answers. */
let answer: (response: ServerResponse) => void;
const server = createServer((_, response) => answer(response));
let baseUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

test(`${runs} malformed answers: none crashes, none passes, none shows the key`, async () => {
  const client = openRouterClient({ baseUrl, key, timeoutSeconds: 60, retries: 0 });
  const ask = {
    getKey: client.getKey,
    listModels: client.listModels,
    chat: () => client.chat({ model: "x/y", maxTokens: 5, prompt: "?" }),
  };
  await fc.assert(
    fc.asyncProperty(cases, async ({ call, body, status, contentType, retryAfter }) => {
      const headers = {
        "content-type": contentType,
        ...(retryAfter === undefined ? {} : { "retry-after": retryAfter }),
      };
      answer = (response) => response.writeHead(status, headers).end(body);
      const result: unknown = await ask[call]().catch((error: unknown) => error);
      if (!(result instanceof OpenRouterFailure))
        throw new Error(`passed or crashed: ${JSON.stringify(result) ?? result}`);
      const shown = `${JSON.stringify(result)} ${result.message} ${result.fix} ${result.stack}`;
      expect(shown).not.toContain(key.slice(0, 13));
      expect(shown).not.toContain(key.slice(9, 40));
    }),
    { numRuns: runs },
  );
}, 300_000);

test("the right answers, from which the malformed ones are made, pass", async () => {
  const client = openRouterClient({ baseUrl, key, timeoutSeconds: 60, retries: 0 });
  answer = (response) => response.end(JSON.stringify(calls.getKey.body));
  expect((await client.getKey()).limit).toBe(30);
  answer = (response) => response.end(JSON.stringify(calls.listModels.body));
  expect(await client.listModels()).toHaveLength(1);
  answer = (response) => response.end(JSON.stringify(calls.chat.body));
  expect((await client.chat({ model: "x/y", maxTokens: 5, prompt: "?" })).content).toBe("OK");
});
