import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { startSandbox as startPlain } from "../../lib/sandbox/server";
import {
  askSandbox,
  type RequestEntry,
  type Sandbox,
  sandboxControl,
  startSandbox,
} from "../support/sandbox";

const key = `sk-or-v1-${"c3".repeat(32)}`;
const stranger = `sk-or-v1-${"d4".repeat(32)}`;
const open: Sandbox[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sandbox-"));
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startSandbox>[0]> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, key, ...options });
  open.push(sandbox);
  return sandbox;
}

function chat(sandbox: Sandbox, body: object, withKey = key): Promise<Response> {
  return fetch(`${sandbox.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${withKey}`, "content-type": "application/json" },
    body: JSON.stringify({ messages: [{ role: "user", content: "Reply just OK" }], max_tokens: 16, ...body }),
  });
}

const model = "anthropic/claude-haiku-4.5";

describe("the state", () => {
  test("outlives the server in a file for its owner alone, without any key", async () => {
    const stateFile = join(folder, "deep", "state.json");
    const first = await start({ stateFile });
    await chat(first, { model });
    await first.close();

    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(stateFile, "utf8")).not.toContain(key.slice(12));

    const second = await start({ stateFile });
    const response = await fetch(`${second.baseUrl}/key`, { headers: { authorization: `Bearer ${key}` } });
    const { data } = (await response.json()) as { data: { usage: number } };
    expect(data.usage).toBeGreaterThan(0);
  });

  test("is in memory alone where no file is asked for", async () => {
    const sandbox = await start();
    await chat(sandbox, { model });
    expect(existsSync(join(folder, "state.json"))).toBe(false);
  });

  test("that cannot be read is a clear stop, and stays unchanged", async () => {
    const stateFile = join(folder, "state.json");
    writeFileSync(stateFile, '{"version": 1, "keys": [');
    await expect(startSandbox({ port: 0, stateFile })).rejects.toThrow(/state.*cannot be read.*rm /s);
    expect(readFileSync(stateFile, "utf8")).toBe('{"version": 1, "keys": [');
  });
});

describe("who may ask", () => {
  function ask(port: number, path: string, headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const call = request({ host: "127.0.0.1", port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      call.on("error", reject);
      call.end();
    });
  }

  test("another host name than loopback's is refused everywhere", async () => {
    const { port } = await start();
    for (const path of ["/_sandbox", "/_sandbox/requests", "/api/v1/models"]) {
      expect(await ask(port, path, { host: `evil.example:${port}` })).toBe(403);
      expect(await ask(port, path, { host: "127.0.0.1.evil.example" })).toBe(403);
      expect(await ask(port, path, { host: `localhost:${port}` })).toBe(200);
      expect(await ask(port, path, { host: `[::1]:${port}` })).toBe(200);
    }
  });

  test("a web page cannot drive the control endpoints", async () => {
    const { port } = await start();
    expect(await ask(port, "/_sandbox/requests", { origin: "https://evil.example" })).toBe(403);
    expect(await ask(port, "/_sandbox/requests", { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask(port, "/_sandbox/requests", {})).toBe(200);
  });
});

test("the program's own sandbox takes no order: it says what it is, and that is all beside the API", async () => {
  const sandbox = await startPlain({ port: 0, key });
  open.push(sandbox);
  const at = (path: string, method = "GET") => fetch(`http://127.0.0.1:${sandbox.port}${path}`, { method });
  expect(await (await at("/_sandbox")).json()).toMatchObject({ sandbox: "openclaw-openrouter" });
  expect(await askSandbox(sandbox.port)).toBeDefined();
  expect((await chat(sandbox, { model })).status).toBe(200);
  for (const [method, path] of [
    ["GET", "/_sandbox/requests"],
    ["PUT", "/_sandbox/keys"],
    ["POST", "/_sandbox/faults"],
    ["PUT", "/_sandbox"],
  ])
    expect((await at(path ?? "", method)).status).toBe(404);
});

describe("a port", () => {
  test("that is taken is named", async () => {
    const { port } = await start();
    await expect(startSandbox({ port })).rejects.toThrow(
      new RegExp(`127\\.0\\.0\\.1:${port}.*EADDRINUSE`, "s"),
    );
  });

  test("is known to serve a sandbox, or not to", async () => {
    const sandbox = await start();
    expect(await askSandbox(sandbox.port)).toBeDefined();
    await sandbox.close();
    expect(await askSandbox(sandbox.port)).toBeUndefined();

    const other = createServer((_request, response) => response.end("{}")).listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    expect(await askSandbox((other.address() as AddressInfo).port)).toBeUndefined();
    await new Promise((resolve) => other.close(resolve));
  });
});

test("the log tells which key was used, and holds none", async () => {
  const seen: RequestEntry[] = [];
  const sandbox = await start({ onRequest: (entry) => seen.push(entry) });
  await chat(sandbox, { model, stream: true });
  await chat(sandbox, { model }, stranger);
  await fetch(`${sandbox.baseUrl}/models`);

  expect(seen).toMatchObject([
    {
      method: "POST",
      path: "/chat/completions",
      status: 200,
      key: { fingerprint: keyFingerprint(key), label: "sk-or-v1-c3c...3c3" },
      model,
      stream: true,
    },
    { status: 401, key: { fingerprint: keyFingerprint(stranger) } },
    { method: "GET", path: "/models", status: 200 },
  ]);
  const control = sandboxControl(sandbox.port);
  expect(await control.requests()).toEqual(seen);
  expect(JSON.stringify(seen)).not.toMatch(/(c3){8}|(d4){8}/);
  await control.clearRequests();
  expect(await control.requests()).toEqual([]);
});

describe("faults on demand", () => {
  test("strike the key, the model and the path that they name, as often as they say", async () => {
    const sandbox = await start();
    const control = sandboxControl(sandbox.port);
    await control.putKey({ key: stranger });
    await control.addFault({
      key,
      path: "/chat/completions",
      status: 429,
      headers: { "retry-after": "7" },
      times: 1,
    });
    await control.addFault({
      model: "openai/gpt-5-mini",
      body: { error: { code: 404, message: "gone" } },
      status: 404,
    });

    expect((await chat(sandbox, { model }, stranger)).status).toBe(200);
    const limited = await chat(sandbox, { model });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await chat(sandbox, { model })).status).toBe(200);
    expect((await chat(sandbox, { model: "openai/gpt-5-mini" })).status).toBe(404);
    await control.clearFaults();
    expect((await chat(sandbox, { model: "openai/gpt-5-mini" })).status).toBe(200);
  });

  test("spend nothing where they stand instead of the answer", async () => {
    const sandbox = await start();
    const control = sandboxControl(sandbox.port);
    await control.addFault({ model, status: 500 });
    await chat(sandbox, { model });
    const response = await fetch(`${sandbox.baseUrl}/key`, { headers: { authorization: `Bearer ${key}` } });
    expect(await response.json()).toMatchObject({ data: { usage: 0 } });
  });

  test("disturb the way of a right answer", async () => {
    const sandbox = await start();
    const control = sandboxControl(sandbox.port);
    const path = "/models";
    const get = () => fetch(`${sandbox.baseUrl}${path}`);
    const right = await (await get()).text();

    await control.addFault({ path, blankLines: 3, delayMs: 1, contentType: "text/html", times: 1 });
    const blank = await get();
    expect(blank.headers.get("content-type")).toBe("text/html");
    expect(await blank.text()).toBe(`\n\n\n${right}`);

    await control.addFault({ path, cutAfterBytes: 20, times: 1 });
    await expect(get().then((response) => response.text())).rejects.toThrow();
    await control.addFault({ path, reset: true, times: 1 });
    await expect(get()).rejects.toThrow();
    await control.addFault({ path, text: "slow", dripMs: 1, times: 1 });
    expect(await (await get()).text()).toBe("slow");
    expect(await (await get()).text()).toBe(right);
  });

  test("that are misspelt are refused", async () => {
    const control = sandboxControl((await start()).port);
    await expect(control.addFault({ delay: 1 } as never)).rejects.toThrow(/delay/);
  });
});

test("closes while a call hangs", async () => {
  let arrived = () => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const sandbox = await start({ onRequest: () => arrived() });
  await sandboxControl(sandbox.port).addFault({ path: "/models", delayMs: 600_000 });
  const hanging = fetch(`${sandbox.baseUrl}/models`).catch(() => "ended");
  await arrival;
  await sandbox.close();
  expect(await hanging).toBe("ended");
});
