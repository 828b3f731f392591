import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { SMTPServer } from "smtp-server";
import type { AlertMessage } from "../../../lib/model/alert";
import { sendMail } from "../../../lib/operations/alerts/channels/mail";
import { send } from "../../../lib/operations/alerts/send";
import type { Channel, ChannelKind } from "../../../lib/store/records/alert-channels";
import { makeCertificate } from "../../support/certificate";
import { scratchFolder } from "../../support/folder";

/** Receivers, proxies and programs that mean no good, or are broken: each ends in time, and no message is sent without end. */

/** Milliseconds. A test that takes longer than jest allows has found one that does not end. */
const timeout = 1000;

const message: AlertMessage = {
  ...{ version: 1, id: "0123456789abcdef0123456789abcdef", event: "vault.sealed", phase: "raised" },
  ...{ severity: "critical", instance: "default", host: "host-1", at: "2026-11-12T10:00:00.000Z" },
  summary: "Vault is sealed.",
};
const channel = (kind: ChannelKind, target: string): Channel => ({
  ...{ name: kind, kind, target, added: "2026-11-01T00:00:00.000Z" },
});

const sockets = new Set<Socket>();
const servers: { close(): unknown }[] = [];
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A listener that says something to each connection, then some text again and again. */
const babbler = (greeting: string, again: string, every: number) =>
  listening(
    createTcpServer((socket) => {
      socket.write(greeting);
      const timer = setInterval(() => socket.write(again), every);
      socket.on("data", () => {}).on("close", () => clearInterval(timer));
    }),
  );

describe("a receiver over HTTP", () => {
  const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n";
  const large = "x".repeat(100_000);

  test.each([
    ["takes it, and goes on talking without end", ok, large, { result: "delivered" }],
    ["takes it, and never ends its answer", ok, "", { result: "delivered" }],
    [
      "refuses it, and goes on talking without end",
      ok.replace("200 OK", "404 No"),
      large,
      { result: "closed", answer: "status 404" },
    ],
    [
      "puts it off, and goes on talking without end",
      ok.replace("200 OK", "429 No"),
      large,
      { result: "later", answer: "status 429" },
    ],
    ["speaks no HTTP", "220 hello\r\n", large, { result: "later" }],
    ["sends headers without end", "HTTP/1.1 200 OK\r\n", `X: ${large}\r\n`, { result: "later" }],
  ])("that %s", async (_, greeting, again, expected) => {
    const port = await babbler(greeting, again, 5);
    expect(await send(channel("webhook", `http://127.0.0.1:${port}/`), message, timeout)).toMatchObject(
      expected,
    );
  });

  test("that never answers is given up in time", async () => {
    const port = await babbler("", "", 60_000);
    expect((await send(channel("webhook", `http://127.0.0.1:${port}/`), message, timeout)).result).toBe(
      "later",
    );
  });
});

describe("a mail server", () => {
  test.each([
    ["greets without end", "220-", "220-hello\r\n"],
    ["says nothing", "", ""],
  ])("that %s is given up in time", async (_, greeting, again) => {
    const port = await babbler(greeting, again, 200);
    const target = `smtp://127.0.0.1:${port}/?from=a@example.org`;
    expect((await send(channel("mail", target), message, timeout)).result).toBe("later");
  });
});

describe("a certificate that nobody trusts is named, and nothing is sent", () => {
  const { certificateFile, keyFile } = makeCertificate(scratchFolder(), "receiver");
  const files = { key: readFileSync(keyFile), cert: readFileSync(certificateFile) };
  const answer = "DEPTH_ZERO_SELF_SIGNED_CERT";

  test("over HTTP", async () => {
    let requests = 0;
    const port = await listening(createTlsServer(files, () => ++requests));
    const target = `https://127.0.0.1:${port}/`;
    expect(await send(channel("webhook", target), message, timeout)).toEqual({ result: "later", answer });
    expect(requests).toBe(0);
  });

  test.each([true, false])("by mail (TLS from the first byte: %s)", async (secure) => {
    const server = new SMTPServer({ ...files, secure, authOptional: true, logger: false });
    server.on("error", () => {});
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    const { port } = server.server.address() as AddressInfo;
    const target = `${secure ? "smtps" : "smtp"}://localhost:${port}/?from=a@example.org`;
    expect(await send(channel("mail", target), message, timeout)).toEqual({ result: "later", answer });
  });
});

describe("a program", () => {
  const folder = scratchFolder();
  const program = (script: string) => {
    const path = join(folder, "tell");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test.each([
    ["prints without end", "exec yes", "later"],
    ["never ends", "exec sleep 600", "later"],
    ["takes no message and ends well", "exit 0", "delivered"],
    ["leaves a child that holds its output", 'sleep 600 & echo $! >"$0.child"', "delivered"],
  ])("that %s", async (_, script, result) => {
    const delivery = await send(channel("command", `${program(script)} --token hidden`), message, timeout);
    expect(delivery.result).toBe(result);
    expect(JSON.stringify(delivery)).not.toContain("hidden");
  });
  afterAll(() => process.kill(Number(readFileSync(join(folder, "tell.child"), "utf8"))));
});

describe("through a proxy", () => {
  const asked: string[] = [];
  let allows = true;
  let proxy = 0;
  const to: Record<string, number> = {};
  beforeAll(async () => {
    const server = createServer((_, response) => response.writeHead(400).end());
    server.on("connect", ({ url = "" }, socket: Socket) => {
      asked.push(url);
      sockets.add(socket.on("error", () => {}));
      if (!allows) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const there = connect(to[url.split(":")[0] ?? ""] ?? 1, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        there.pipe(socket).pipe(there);
      }).on("error", () => socket.destroy());
    });
    proxy = await listening(server);
  });
  beforeEach(() => {
    asked.splice(0);
    allows = true;
    process.env.https_proxy = process.env.http_proxy = `http://127.0.0.1:${proxy}`;
  });
  afterEach(() => {
    delete process.env.https_proxy;
    delete process.env.http_proxy;
    delete process.env.no_proxy;
  });

  test("a webhook", async () => {
    to["receiver.invalid"] = await listening(createServer((_, response) => response.end()));
    expect(await send(channel("webhook", "http://receiver.invalid/hook"), message, timeout)).toEqual({
      result: "delivered",
    });
    expect(asked).toEqual(["receiver.invalid:80"]);
    allows = false;
    expect(await send(channel("webhook", "http://receiver.invalid/hook"), message, timeout)).toMatchObject({
      result: "later",
    });
  });

  test("mail, by the proxy of TLS connections, with STARTTLS in the tunnel", async () => {
    const received: boolean[] = [];
    const server = new SMTPServer({
      ...{ authOptional: true, logger: false },
      onData(stream, { secure }, done) {
        received.push(secure);
        stream.resume().on("end", done);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    to["mail.invalid"] = (server.server.address() as AddressInfo).port;
    const target = {
      host: "mail.invalid",
      port: 587,
      secure: false,
      login: undefined,
      from: "a@example.org",
      to: ["b@example.org"],
    };
    // Its certificate is one of smtp-server's own, which nobody trusts: what it is asked for shows the way, and that TLS was begun.
    expect(await sendMail(target, message, timeout)).toMatchObject({ result: "later" });
    expect([asked, received]).toEqual([["mail.invalid:587"], []]);
    process.env.no_proxy = "mail.invalid:587";
    await sendMail(target, message, timeout);
    expect(asked).toHaveLength(1);
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test("a proxy that refuses mail is left out", async () => {
    allows = false;
    const target = {
      host: "localhost.invalid",
      port: 465,
      secure: true,
      login: undefined,
      from: "a@example.org",
      to: ["b@example.org"],
    };
    expect(await sendMail(target, message, timeout)).toEqual({ result: "later", answer: "ENOTFOUND" });
    expect(asked).toEqual(["localhost.invalid:465"]);
  });
});
