import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join, resolve } from "node:path";
import { run } from "../../lib/core/system/process";
import { makeCertificate } from "../support/certificate";
import { canary } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { DeployedVault } from "../support/vault/deployed-vault";
import { type Stub, serveStub } from "../support/vault/server";

const id = "openrouter/api_key";
const folder = join(scratchFolder(), "openclaw-openrouter");
const resolver = join(folder, "resolver.cjs");

let vault: DeployedVault;
let served: Stub;
let address: string;

/** Its wait is long: the other tests run meanwhile. */
let ofSilent: ReturnType<typeof ask>;
const silent = createServer((socket) => socket.on("error", () => {}));

/** Installs the resolver, and gives it the reader's credential. */
function place(at: string): string {
  mkdirSync(at, { mode: 0o700, recursive: true });
  const source = readFileSync(resolve(__dirname, "../../lib/openclaw/resolver.cjs"));
  const program = join(at, "resolver.cjs");
  writeFileSync(program, `#!${process.execPath}\n${source}`);
  chmodSync(program, 0o700);
  giveCredential(at);
  return program;
}

function giveCredential(at: string): void {
  writeFileSync(join(at, "role_id"), "role-reader\n");
  writeFileSync(join(at, "secret_id"), "secret-reader\n");
}

beforeAll(async () => {
  place(folder);
  const other = place(join(scratchFolder(), "openclaw-openrouter"));
  await new Promise<void>((listening) => silent.listen(0, "127.0.0.1", listening));
  const { port } = silent.address() as AddressInfo;
  ofSilent = ask([id], `http://127.0.0.1:${port}`, undefined, other);
});
afterAll(() => silent.close());

beforeEach(async () => {
  giveCredential(folder);
  vault = new DeployedVault();
  vault.secret = {
    data: { api_key: canary, other: "theirs", empty: "", number: 1 },
    version: 1,
    created: new Date(),
  };
  served = await serveStub((call) => vault.answer(call));
  address = `http://127.0.0.1:${served.port}`;
});
afterEach(() => served.close());

/** Runs it as the gateway does: no PATH, nothing of this process's environment. */
async function ask(ids: unknown = [id], at = address, request?: string, program = resolver) {
  const began = performance.now();
  const result = await run(program, [], {
    env: { OPENCLAW_CLI: "1", VAULT_ADDR: at },
    input: request ?? JSON.stringify({ protocolVersion: 1, provider: "openclaw-openrouter", ids }),
  });
  return { ...result, seconds: (performance.now() - began) / 1000 };
}

const answerOf = async (...args: Parameters<typeof ask>) => {
  const { exitCode, stdout, stderr } = await ask(...args);
  expect(exitCode).toBe(0);
  expect(stderr).not.toContain(canary);
  return JSON.parse(stdout);
};

async function waitFor(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((done) => setTimeout(done, 5));
}

/** In seconds: what the gateway waits at most. A fifth of one is usual, and a busy machine takes many times as long. */
const soon = 15;

test("gives the field as the protocol has it, soon, and says nothing else", async () => {
  const { stdout, stderr, exitCode, seconds } = await ask();
  expect(JSON.parse(stdout)).toEqual({ protocolVersion: 1, values: { [id]: canary } });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(seconds).toBeLessThan(soon);
});

test.each([
  ["../sys/mounts", "ID_REFUSED"],
  ["openrouter/../github/token", "ID_REFUSED"],
  ["github/token", "ID_REFUSED"],
  ["openrouter/", "ID_REFUSED"],
  ["openrouter", "ID_REFUSED"],
  ["Openrouter/api_key", "ID_REFUSED"],
  ["openrouter/missing", "NOT_FOUND"],
  ["openrouter/empty", "NOT_FOUND"],
  ["openrouter/number", "NOT_FOUND"],
  ["openrouter/__proto__", "NOT_FOUND"],
])("the id %s has no value: %s", async (other, code) => {
  const { values, errors } = await answerOf([other]);
  expect(values).toEqual({});
  expect(errors).toEqual({ [other]: { code, message: expect.any(String) } });
});

test("an id that a terminal would obey is not repeated to the gateway's log", async () => {
  const { stderr, stdout } = await ask([
    "openrouter/\u001b]8;;http://x\u0007\u009b31m\u202e\u{e0041}".repeat(100),
  ]);
  expect(stderr).toMatch(/^[\n -~]{1,400}$/);
  expect(JSON.parse(stdout).values).toEqual({});
});

test("a gateway that is gone before the answer gets none, and no stack is printed", async () => {
  const request = JSON.stringify({ protocolVersion: 1, ids: [id] });
  const line = 'printf "%s" "$REQUEST" | "$RESOLVER" | true; echo "${PIPESTATUS[1]}"';
  const { stdout, stderr } = await run("bash", ["-c", line], {
    env: { PATH: "/usr/bin:/bin", VAULT_ADDR: address, REQUEST: request, RESOLVER: resolver },
  });
  expect({ stdout, stderr }).toEqual({ stdout: "0", stderr: "" });
});

test("one id's failure does not cost another its value", async () => {
  const { values, errors } = await answerOf(["github/token", id, "openrouter/other"]);
  expect(values).toEqual({ [id]: canary, "openrouter/other": "theirs" });
  expect(Object.keys(errors)).toEqual(["github/token"]);
});

test("asks in the namespace of its environment", async () => {
  const { stdout } = await run(resolver, [], {
    env: { VAULT_ADDR: address, VAULT_NAMESPACE: "admin/team" },
    input: JSON.stringify({ protocolVersion: 1, ids: [id] }),
  });
  expect(JSON.parse(stdout).values).toEqual({ [id]: canary });
  expect(new Set(served.calls.map(({ namespace }) => namespace))).toEqual(new Set(["admin/team"]));
});

test("asks Vault for nothing where no id may be asked for", async () => {
  await served.close();
  expect((await answerOf(["github/token"])).errors["github/token"].code).toBe("ID_REFUSED");
});

test.each<[string, (vault: DeployedVault) => void, string, RegExp]>([
  [
    "is sealed",
    (v) => Object.assign(v, { sealed: true }),
    "SEALED",
    /^Vault is sealed: unseal it on its host$/,
  ],
  [
    "has no such secret",
    (v) => Object.assign(v, { secret: undefined }),
    "NOT_FOUND",
    /no secret\/openrouter, or its present version was deleted/,
  ],
  [
    "denies the reader",
    (v) => Object.assign(v, { readerPolicy: "" }),
    "DENIED",
    /does not let the reader read/,
  ],
  [
    "does not know the reader",
    (v) => Object.assign(v, { identities: [] }),
    "DENIED",
    /does not accept the reader's credential \(400\)/,
  ],
])("says so soon where Vault %s", async (_, change, code, message) => {
  change(vault);
  const began = performance.now();
  const { values, errors } = await answerOf();
  expect((performance.now() - began) / 1000).toBeLessThan(soon);
  expect(values).toEqual({});
  expect(errors[id]).toEqual({ code, message: expect.stringMatching(message) });
});

test("says so where Vault is down", async () => {
  await served.close();
  const { errors } = await answerOf();
  expect(errors[id]).toEqual({
    code: "UNREACHABLE",
    message: `Vault does not answer at ${address}: ECONNREFUSED`,
  });
});

test("says so where a credential is missing", async () => {
  rmSync(join(folder, "secret_id"));
  const { errors } = await answerOf();
  expect(errors[id]).toEqual({
    code: "NO_CREDENTIAL",
    message: `${join(folder, "secret_id")} cannot be read (ENOENT)`,
  });
});

describe("what answers is not Vault", () => {
  let server: Server | undefined;
  afterEach(() => new Promise<unknown>((done) => server?.close(done)));

  async function serve(text: string): Promise<string> {
    const { port } = await new Promise<{ port: number }>((done) => {
      server = createServer((socket) => {
        socket.on("error", () => {}).once("data", () => socket.end(text));
      }).listen(0, "127.0.0.1", () => done(server?.address() as { port: number }));
    });
    return `http://127.0.0.1:${port}`;
  }

  test.each([
    ["a web page", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n<html", "what answers is not Vault"],
    [
      "a redirection",
      "HTTP/1.1 307 X\r\nLocation: http://evil.invalid/\r\nContent-Length: 0\r\n\r\n",
      "what answers is not Vault",
    ],
    ["an answer that is interrupted", 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"auth":', "ECONNRESET"],
    ["no answer", "", "ECONNRESET"],
  ])("but %s", async (_, text, reason) => {
    const { errors } = await answerOf([id], await serve(text));
    expect(errors[id].code).toBe("UNREACHABLE");
    expect(errors[id].message).toContain(reason);
  });
});

test.each([
  ["no JSON", "not json"],
  ["nothing", ""],
  ["another version", '{"protocolVersion":2,"ids":[]}'],
  ["no ids", '{"protocolVersion":1}'],
  ["ids that are no text", '{"protocolVersion":1,"ids":[1]}'],
])("a request that is %s: it fails, and gives no value", async (_, request) => {
  const { exitCode, stdout, stderr } = await ask([], address, request);
  expect([exitCode, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^the request /);
});

describe("the addresses of a cluster", () => {
  const dead = "http://127.0.0.1:1";

  test.each([
    ["first", () => `${dead} ${address}`],
    ["last", () => `${address} ${dead}`],
  ])("a dead server that stands %s costs nothing but a moment", async (_, at) => {
    expect((await answerOf([id], at())).values).toEqual({ [id]: canary });
  });

  test("one that never answers, and one that is sealed, are passed over", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as AddressInfo;
    const sealed = await serveStub(() => [503, { errors: ["Vault is sealed"] }]);
    const at = `http://127.0.0.1:${port} ${sealed.address} ${address}`;
    expect((await answerOf([id], at)).values).toEqual({ [id]: canary });
    await sealed.close();
    silent.close();
  });

  test("one that is healthy, and silent when it has to forward the call, is passed over", async () => {
    const silent = createServer((socket) => {
      socket
        .on("error", () => {})
        .once("data", (data) => {
          if (`${data}`.includes("sys/health")) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
        });
    });
    await new Promise<void>((done) => silent.listen(0, "127.0.0.1", done));
    const { port } = silent.address() as AddressInfo;
    vault.sealed = true;
    const answer = answerOf([id], `http://127.0.0.1:${port} ${address}`);
    await waitFor(() => served.calls.length > 0);
    vault.sealed = false;
    expect((await answer).values).toEqual({ [id]: canary });
    silent.close();
  });

  test("one that ends while it is asked is replaced by another", async () => {
    let asked = 0;
    const ending = await serveStub((call) => {
      if (call.name === "GET sys/health" && asked++ === 0) return [200, {}];
      return [500, { errors: ["local node not active but active cluster node not found"] }];
    });
    vault.sealed = true;
    const answer = answerOf([id], `${ending.address} ${address}`);
    await waitFor(() => asked > 0);
    vault.sealed = false;
    expect((await answer).values).toEqual({ [id]: canary });
    await ending.close();
  });

  test("says so where all are dead or sealed", async () => {
    vault.sealed = true;
    expect((await answerOf([id], `${dead} ${address}`)).errors[id].code).toBe("SEALED");
  }, 300_000);
});

test("takes none of its ways from the environment but Vault's address and certificate authority", async () => {
  const { stdout } = await run(resolver, [], {
    env: {
      VAULT_ADDR: address,
      VAULT_TOKEN: "auditor",
      HTTP_PROXY: "http://127.0.0.1:9",
      VAULT_NAMESPACE: "x",
    },
    input: JSON.stringify({ protocolVersion: 1, ids: [id] }),
  });
  expect(JSON.parse(stdout).values).toEqual({ [id]: canary });
});

test("verifies Vault's certificate, whatever NODE_TLS_REJECT_UNAUTHORIZED says", async () => {
  const place = scratchFolder();
  const others = makeCertificate(place, "others");
  const own = makeCertificate(place, "own");
  const secured = await serveStub((call) => vault.answer(call), own);
  const askBy = async (trusted: Record<string, string>) => {
    const { stdout } = await run(resolver, [], {
      env: { VAULT_ADDR: secured.address, NODE_TLS_REJECT_UNAUTHORIZED: "0", ...trusted },
      input: JSON.stringify({ protocolVersion: 1, ids: [id] }),
    });
    return JSON.parse(stdout);
  };
  for (const trusted of [{}, { VAULT_CACERT: others.caFile }]) {
    const { message } = (await askBy(trusted)).errors[id];
    expect(message).toContain("its certificate is refused");
  }
  expect(secured.calls).toEqual([]);
  expect((await askBy({ VAULT_CACERT: own.caFile })).values).toEqual({ [id]: canary });
  await secured.close();
});

describe("by the Unix socket of Vault's volume", () => {
  const place = join(folder, "socket");
  const path = join(place, "vault.sock");
  const uidFile = join(folder, "listener_uid");
  let relay: Server | undefined;

  beforeEach(async () => {
    mkdirSync(place);
    writeFileSync(uidFile, `${process.getuid?.()}\n`);
    const started = createServer((from) => {
      const to = connect(served.port, "127.0.0.1");
      from.on("error", () => to.destroy()).pipe(to);
      to.on("error", () => from.destroy()).pipe(from);
    });
    relay = started;
    await new Promise<void>((listening) => started.listen(path, listening));
  });
  afterEach(() => {
    relay?.close();
    for (const each of [place, uidFile]) rmSync(each, { recursive: true, force: true });
  });

  test("gives the key", async () => {
    expect((await answerOf([id], `unix://${path}`)).values).toEqual({ [id]: canary });
  });

  test.each<[string, () => void, string, RegExp]>([
    [
      "the socket is another user's",
      () => writeFileSync(uidFile, "4321"),
      "LISTENER_UNKNOWN",
      /expected one of uid 4321/,
    ],
    [
      "there is a file instead",
      () => {
        rmSync(path);
        writeFileSync(path, "");
      },
      "LISTENER_UNKNOWN",
      /no socket of uid/,
    ],
    ["Vault made none", () => rmSync(path), "UNREACHABLE", /ENOENT/],
    [
      "nothing is mounted",
      () => rmSync(place, { recursive: true }),
      "UNREACHABLE",
      /socket is missing: mount the volume/,
    ],
  ])("sends nothing if %s", async (_, disturb, code, message) => {
    disturb();
    const { values, errors } = await answerOf([id], `unix://${path}`);
    expect(values).toEqual({});
    expect(errors[id]).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

// The last one, since it waits for what began with the first.
test("what answers stays silent: it gives up before the gateway does", async () => {
  const { stdout, seconds } = await ofSilent;
  expect(JSON.parse(stdout).errors[id].message).toContain("no answer within 12 s");
  expect(seconds).toBeLessThan(soon);
}, 300_000);
