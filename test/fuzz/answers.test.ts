import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { reportError } from "../../lib/cli/output";
import { SystemError, UserError } from "../../lib/core/errors";
import { EngineApi } from "../../lib/docker/engine-api";
import { execute } from "../../lib/docker/engine-exec";
import { openRouterClient } from "../../lib/openrouter/client";
import { managementClient } from "../../lib/openrouter/management";
import { VaultClient, VaultFailure } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { readSealStatus } from "../../lib/vault/wait";
import { openVault } from "../support/vault/server";
import { cameTo, fuzzRuns, type HostileAnswer, HostileServer, hostileAnswers } from "./hostile";

const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
const server = new HostileServer();
const engineServer = new HostileServer();
let address = "";

beforeAll(async () => {
  address = `http://127.0.0.1:${await server.listen()}`;
  await engineServer.listen(join(folder, "engine.sock"));
});
afterAll(async () => {
  await Promise.all([server.close(), engineServer.close()]);
  rmSync(folder, { recursive: true });
});
afterEach(() => jest.restoreAllMocks());

/** What a person sees of an error. */
function told(error: unknown): string {
  let text = "";
  jest.spyOn(process.stderr, "write").mockImplementation((part) => {
    text += part;
    return true;
  });
  reportError(error);
  jest.restoreAllMocks();
  return text;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there.
const obeyed = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/;

interface Client {
  /** Calls, each with a right answer of which the hostile ones are made. */
  readonly calls: Readonly<Record<string, () => Promise<unknown>>>;
  readonly right: string;
  readonly server: HostileServer;
}

const openRouter = () => openRouterClient({ baseUrl: address, key, timeoutSeconds: 2, retries: 0 });
const management = () => managementClient({ baseUrl: address, key, timeoutSeconds: 2, retries: 0 });
const vault = () => VaultClient.at({ address }).withToken("token");
const engine = () => new EngineApi(join(folder, "engine.sock"));

const clients: Record<string, Client> = {
  OpenRouter: {
    server,
    right: JSON.stringify({ data: { label: "x", limit: 30, limit_remaining: 30, usage: 0 } }),
    calls: {
      getKey: () => openRouter().getKey(),
      listModels: () => openRouter().listModels(),
      chat: () => openRouter().chat({ model: "x/y", maxTokens: 5, prompt: "?" }),
      "keys of an account": () => management().list(),
      "new key": () => management().create({ name: "x", limit: 1, limitReset: null }),
    },
  },
  Vault: {
    server,
    right: JSON.stringify(openVault),
    calls: {
      "seal status": () => readSealStatus(vault()),
      login: async () => {
        const token = await logInWith(vault(), { roleId: "a", secretId: "b" });
        if (token instanceof VaultFailure) throw token;
        return token;
      },
      snapshot: async () => {
        for await (const _ of await vault().download("sys/storage/raft/snapshot"));
        throw new UserError({ problem: "bytes are judged by who asked for them" });
      },
    },
  },
  "the engine": {
    server: engineServer,
    right: JSON.stringify({ ID: "x", ServerVersion: "1", Architecture: "x86_64" }),
    calls: {
      info: () => engine().info(),
      container: async () =>
        (await engine().inspectContainer("vault")) ?? Promise.reject(new SystemError("none")),
      image: async () => (await engine().inspectImage("x")) ?? Promise.reject(new SystemError("none")),
      volume: async () => (await engine().inspectVolume("x")) ?? Promise.reject(new SystemError("none")),
      exec: () => execute(engine(), "vault", ["true"]),
      pull: async () => {
        for await (const _ of engine().messages("POST", "/images/create"));
        throw new SystemError("what was pulled is looked at afterwards");
      },
    },
  },
};

describe.each(Object.entries(clients))(
  `${fuzzRuns} hostile answers of %s`,
  (_, { calls, right, server: hostile }) => {
    test("none crashes, hangs, passes, or reaches a terminal as what it obeys", async () => {
      const cases = fc.record({
        name: fc.constantFrom(...Object.keys(calls)),
        answer: hostileAnswers(right),
      });
      await fc.assert(
        fc.asyncProperty(cases, async ({ name, answer }) => {
          hostile.answer = answer;
          const outcome = await cameTo(calls[name]!);
          if ("value" in outcome) throw new Error(`passed: ${JSON.stringify(outcome.value)}`);
          const { error } = outcome;
          if (!(error instanceof UserError || error instanceof SystemError || isOfSocket(error)))
            throw new Error(`crashed: ${(error as Error).stack}`);
          const text = told(error);
          expect(text).not.toMatch(obeyed);
          expect(text).not.toContain(key.slice(9));
        }),
        { numRuns: fuzzRuns, endOnFailure: true, reporter },
      );
    }, 1_800_000);
  },
);

/** The answer in a line: fast-check's own report of bytes is pages long. */
function reporter({
  failed,
  seed,
  counterexamplePath,
  counterexample,
  errorInstance,
}: fc.RunDetails<[{ name: string; answer: HostileAnswer }]>) {
  if (!failed || !counterexample) return;
  const [{ name, answer }] = counterexample;
  const bytes = JSON.stringify(Buffer.concat([...answer.parts]).toString("latin1")).slice(0, 600);
  throw new Error(
    `${name}, seed ${seed}, path ${counterexamplePath}, ${answer.end} after ${bytes}: ${errorInstance}`,
  );
}

/** The connection's own error, which callers know by its code. */
function isOfSocket(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException).code === "string";
}
