import { writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import { triedOf } from "../e2e/support/full";
import { TestHost } from "../e2e/support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "../e2e/support/openrouter";

const host = new TestHost();
const key = newKey();
const managementKey = newKey();
/** What arrived at a server that is nobody's: all its bytes, and the first line of each connection. */
let caught = "";
let firstLines = new Set<string | undefined>();
let catcher: TcpServer;
let openrouter: LocalOpenRouter;
let front: Server;
/** The status of OpenRouter's next answers, which lead to the catcher. @default right answers */
let redirect: number | undefined;
/** The requests that OpenRouter's own address got. */
let asked: { host: string | undefined; url: string | undefined }[] = [];

const portOf = (server: Server | TcpServer) => (server.address() as AddressInfo).port;
const settings = (baseUrl: string) => host.writeSettings("default", { openrouter: { baseUrl } });

function listening<T extends Server | TcpServer>(server: T): Promise<T> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Takes whatever comes, as a proxy would, and opens each tunnel. */
function catching(): TcpServer {
  return createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (bytes) => firstLines.add(bytes.toString("latin1").split("\r\n")[0]));
    socket.on("data", (bytes) => {
      caught += bytes.toString("latin1");
      if (bytes.toString("latin1").startsWith("CONNECT")) socket.write("HTTP/1.1 200 OK\r\n\r\n");
      else socket.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    });
  });
}

/** OpenRouter's address: it hands on to the real one, or redirects. */
function fronting(): Server {
  return createServer((incoming, response) => {
    asked.push({ host: incoming.headers.host, url: incoming.url });
    if (redirect !== undefined) {
      const elsewhere = `127.0.0.1:${portOf(catcher)}`;
      response.writeHead(redirect, {
        Location: `http://${elsewhere}${incoming.url}`,
        Refresh: `0; url=http://${elsewhere}/`,
        "Alt-Svc": `http/1.1="${elsewhere}"`,
      });
      return void response.end();
    }
    const { method, headers, url } = incoming;
    const target = new URL(url ?? "/", openrouter.baseUrl);
    const call = request(target, { method, headers: { ...headers, host: target.host } }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(call);
  });
}

beforeAll(async () => {
  openrouter = await localOpenRouter(key);
  catcher = await listening(catching());
  front = await listening(fronting());
  settings(`http://127.0.0.1:${portOf(front)}/api/v1`);
  const file = join(host.folder, "key");
  writeFileSync(file, key, { mode: 0o600 });
  await host.mustRun(["up", "--key-file", file]);
});
beforeEach(() => {
  caught = "";
  firstLines = new Set();
  asked = [];
  redirect = undefined;
});
afterAll(async () => {
  front?.closeAllConnections();
  front?.close();
  catcher?.close();
  await openrouter.close();
  host.remove();
});

const check = (extra: NodeJS.ProcessEnv = {}) => host.run(["check", "--no-spend", "--json"], extra);

const redirects = triedOf(
  [300, 301, 302, 303, 305, 307, 308],
  (status) => [301, 307].includes(status),
  (status) => `an OpenRouter that answers ${status} leads no key elsewhere`,
);
test.each(redirects)("an OpenRouter that answers %i leads no key elsewhere", async (status) => {
  redirect = status;
  const { code, stdout } = await check();
  expect(asked.length).toBeGreaterThan(0);
  expect(caught).toBe("");
  expect(code).toBe(1);
  expect(stdout).not.toContain(key.slice(9));
});

test("nor the management key", async () => {
  redirect = 307;
  const { code, stderr } = await host.run(["key", "rotate"], { OPENROUTER_MANAGEMENT_KEY: managementKey });
  expect(asked.map(({ url }) => url).join()).toContain("/keys");
  expect(code).toBe(1);
  expect(caught).toBe("");
  expect(stderr).not.toContain(managementKey.slice(9));
});

test("no variable leads a call to this host by a proxy, and the request names its own host", async () => {
  const proxy = `http://127.0.0.1:${portOf(catcher)}`;
  const names = ["http_proxy", "https_proxy", "all_proxy", "proxy", "npm_config_proxy"];
  const variables = names.flatMap((name) => [
    [name, proxy],
    [name.toUpperCase(), proxy],
  ]);
  expect(await check({ ...Object.fromEntries(variables), NO_PROXY: "", HOST: proxy })).toMatchObject({
    code: 0,
  });
  expect(caught).toBe("");
  expect(asked.length).toBeGreaterThan(0);
  for (const { host: name, url } of asked) {
    expect(name).toBe(`127.0.0.1:${portOf(front)}`);
    expect(url).toMatch(/^\/api\/v1\//);
  }
});

/** Such as those of a clone that a person only looks at. */
test("settings that were not deployed lead no key elsewhere", async () => {
  settings(`http://127.0.0.1:${portOf(catcher)}/api/v1`);
  for (const command of [["check"], ["key", "rotate"], ["key", "limit"]]) {
    const { code, stderr } = await host.run(command, { OPENROUTER_MANAGEMENT_KEY: managementKey });
    expect(stderr).toContain("name another OpenRouter than the deployed one");
    expect(code).toBe(1);
  }
  expect(firstLines).toEqual(new Set());
});

test("a proxy for https is asked for a tunnel, and sees no key", async () => {
  settings("https://openrouter.invalid/api/v1");
  const proxy = `http://127.0.0.1:${portOf(catcher)}`;
  const { code } = await host.run(["up"], { HTTPS_PROXY: proxy, HTTP_PROXY: "" });
  expect(code).toBe(1);
  expect(firstLines).toEqual(new Set(["CONNECT openrouter.invalid:443 HTTP/1.1"]));
  expect(caught).not.toContain(key.slice(9));
  expect(caught).not.toMatch(/authorization/i);
});
