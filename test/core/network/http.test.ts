import { readFileSync } from "node:fs";
import { Agent, createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";
import { runInThisContext } from "node:vm";
import { gzipSync } from "node:zlib";
import { EndlessAnswer } from "../../../lib/core/bounded";
import {
  AnswerInterrupted,
  CertificateRefused,
  exchange,
  HttpTimeout,
  NoAnswer,
  open,
  ProxyRefused,
  upgrade,
} from "../../../lib/core/network/http";
import { makeCertificate } from "../../support/certificate";
import { scratchFolder } from "../../support/folder";

const own = makeCertificate(scratchFolder(), "own");
const ca = readFileSync(own.caFile, "utf8");
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const plain = async (answer: RequestListener) => `http://${await listen(createServer(answer))}/`;
const secured = async (answer: RequestListener) => {
  const files = { cert: ca, key: readFileSync(own.keyFile) };
  return `https://${await listen(createTlsServer(files, answer))}/`;
};
const timeout = 5_000;

/** What a proxy does with a connection once it accepts it. */
function relay(socket: Duplex, port: string | undefined): void {
  const tunnel = connect(Number(port), "127.0.0.1", () => {
    socket.write("HTTP/1.1 200 Connected\r\n\r\n");
    socket.pipe(tunnel).pipe(socket);
  });
  for (const end of [tunnel, socket]) end.on("error", () => {});
}

test("an answer: its status, headers and text; what is sent arrives", async () => {
  const url = await plain(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.writeHead(201, { "retry-after": "7" }).end(`${request.method} ${body}`);
  });
  const answer = await exchange(url, { method: "POST", body: "x", timeout });
  expect(answer).toMatchObject({ status: 201, text: "POST x", headers: { "retry-after": "7" } });
});

describe("certificates are verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says", () => {
  // Node's own variables: those of a test are a copy, which Node's TLS does not read.
  const env: NodeJS.ProcessEnv = runInThisContext("process.env");
  beforeAll(() => {
    env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  });
  afterAll(() => {
    delete env.NODE_TLS_REJECT_UNAUTHORIZED;
  });

  test.each(["the server's", "that of a server behind a proxy", "a proxy's"])("%s", async (which) => {
    const tunnelled = createServer().on("connect", ({ url: target }, socket) =>
      relay(socket, target?.split(":")[1]),
    );
    const url = await secured((_, response) => response.end());
    const proxies: Record<string, string> = {
      "that of a server behind a proxy": `http://${await listen(tunnelled)}`,
      "a proxy's": url,
    };
    const call = exchange(which === "a proxy's" ? "http://x.invalid/" : url, {
      proxy: proxies[which],
      timeout,
    });
    await expect(call).rejects.toThrow("self-signed certificate");
  });
});

describe("a kept connection that the other side closes", () => {
  /** Closes each connection at its second request. @returns the address, and how many requests arrived */
  async function closing() {
    const arrived = { count: 0 };
    const used = new WeakSet();
    const url = await plain(({ socket }, response) => {
      arrived.count++;
      if (used.has(socket)) socket.destroy();
      else response.end("OK");
      used.add(socket);
    });
    return { url, arrived, agent: new Agent({ keepAlive: true }) };
  }

  test.each([{}, { method: "POST", repeatable: true }])(
    "sends a call that may arrive twice again: %j",
    async (of) => {
      const { url, agent, arrived } = await closing();
      for (const _ of [1, 2])
        expect(await exchange(url, { ...of, agent, timeout })).toMatchObject({ text: "OK" });
      expect(arrived.count).toBe(3);
    },
  );

  test("sends no other call again", async () => {
    const { url, agent, arrived } = await closing();
    await exchange(url, { agent, timeout });
    await expect(exchange(url, { agent, timeout, method: "POST" })).rejects.toMatchObject({
      code: "ECONNRESET",
    });
    expect(arrived.count).toBe(2);
  });
});

test("a redirect is not followed", async () => {
  const url = await plain((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  expect((await exchange(url, { timeout })).status).toBe(302);
});

describe("a packed answer", () => {
  const packed = (bytes: Buffer) =>
    plain((_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bytes));

  test("is unpacked", async () => {
    const { text } = await exchange(await packed(gzipSync("hello")), { timeout });
    expect(text).toBe("hello");
  });

  test.each([
    ["that is none", Buffer.from("hello")],
    ["without its end", gzipSync("hello".repeat(100)).subarray(0, 20)],
  ])("%s is interrupted", async (_, bytes) => {
    await expect(exchange(await packed(bytes), { timeout })).rejects.toBeInstanceOf(AnswerInterrupted);
  });

  test("is bounded by its length when unpacked", async () => {
    const url = await packed(gzipSync(Buffer.alloc(4 * 2 ** 20)));
    await expect(exchange(url, { timeout })).rejects.toBeInstanceOf(EndlessAnswer);
  });
});

describe("no answer", () => {
  test.each<[string, RequestListener]>([
    ["at all", () => {}],
    ["with an end", (_, response) => response.write("x")],
  ])("in time: %s", async (_, answer) => {
    const error = await exchange(await plain(answer), { timeout: 100 }).catch((caught) => caught);
    expect(error).toBeInstanceOf(HttpTimeout);
    expect(error.message).toBe("no answer within 0.1 s");
  });

  test("since the connection is closed, or changes its protocol unasked", async () => {
    const server = createServer((request) =>
      request.socket.end("HTTP/1.1 101 Other\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"),
    );
    const url = `http://${await listen(server)}/`;
    await expect(exchange(url, { timeout })).rejects.toBeInstanceOf(NoAnswer);
  });

  test("since the caller's signal is aborted, whose reason is given", async () => {
    const stop = new AbortController();
    const url = await plain((_, response) => {
      response.write("x");
      stop.abort(new Error("Ctrl-C"));
    });
    await expect(exchange(url, { timeout, signal: stop.signal })).rejects.toThrow("Ctrl-C");
  });

  test("with an end: its beginning counts, and what was read", async () => {
    const url = await plain((_, response) => {
      response.write("x", () => response.destroy());
    });
    const error = await exchange(url, { timeout }).catch((caught) => caught);
    expect(error).toBeInstanceOf(AnswerInterrupted);
    expect(error.status).toBe(200);
  });
});

test("a URL with credentials is refused before anything is sent: Node would send them", async () => {
  await expect(exchange("http://me:secret@127.0.0.1:1/", { timeout })).rejects.toMatchObject({
    code: "ERR_INVALID_URL",
  });
});

test("a stream of an answer ends with the time limit if the answer is an error", async () => {
  const url = await plain((_, response) => response.writeHead(500).write("x"));
  const answer = await open(url, { timeout: 200 });
  await expect(
    (async () => {
      for await (const _ of answer);
    })(),
  ).rejects.toBeInstanceOf(HttpTimeout);
});

describe("through a proxy", () => {
  let asked: { target: string | undefined; login: string | undefined }[] = [];
  let proxy: string;
  beforeAll(async () => {
    const server = createServer().on("connect", ({ url: target, headers }, socket) => {
      asked.push({ target, login: headers["proxy-authorization"] });
      const [host, port] = (target ?? "").split(":");
      if (host === "refused.invalid") return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      relay(socket, port);
    });
    proxy = `http://me:p%40ss@${await listen(server)}`;
  });
  beforeEach(() => {
    asked = [];
  });

  const login = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;

  test.each([
    ["by TLS", secured],
    ["plainly", plain],
  ])("%s", async (_, serve) => {
    const url = await serve(({ headers }, response) => response.end(JSON.stringify(headers)));
    const { text } = await exchange(url, { proxy, ca, timeout });
    expect(asked).toEqual([{ target: new URL(url).host, login }]);
    expect(text).not.toContain("proxy");
  });

  test("the server's certificate is verified by its own name", async () => {
    const url = await secured((_, response) => response.end());
    await expect(exchange(url, { proxy, timeout })).rejects.toBeInstanceOf(CertificateRefused);
    const other = url.replace("127.0.0.1", "other.invalid");
    await expect(exchange(other, { proxy, ca, timeout })).rejects.toThrow("other.invalid");
  });

  test("that refuses", async () => {
    const call = exchange("https://refused.invalid/", { proxy, timeout });
    await expect(call).rejects.toThrow(new ProxyRefused("no connection: status 403"));
  });

  test("that does not answer", async () => {
    const silent = `http://${await listen(createServer().on("connect", () => {}))}`;
    const call = exchange("https://x.invalid/", { proxy: silent, timeout: 100 });
    await expect(call).rejects.toBeInstanceOf(HttpTimeout);
  });

  test("that is none", async () => {
    const call = exchange("https://x.invalid/", { proxy: "socks5://127.0.0.1:1", timeout });
    await expect(call).rejects.toMatchObject({ code: "ERR_INVALID_URL" });
  });
});

describe("a connection of another protocol", () => {
  test("is given with what came already", async () => {
    const server = createServer().on("upgrade", (_, socket) => {
      socket.end("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello");
    });
    const headers = { Connection: "Upgrade", Upgrade: "tcp" };
    const socket = await upgrade(`http://${await listen(server)}/`, { headers, timeout });
    let text = "";
    for await (const chunk of socket) text += chunk;
    expect(text).toBe("hello");
  });

  test("is not given by an ordinary answer", async () => {
    const url = await plain((_, response) => response.writeHead(409).end("no"));
    await expect(upgrade(url, { timeout })).rejects.toThrow("no connection: status 409");
  });
});
