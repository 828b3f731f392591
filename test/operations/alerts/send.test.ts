import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";
import { type AlertMessage, bodyOf, titleOf } from "../../../lib/model/alert";
import { mailTarget, sendMail } from "../../../lib/operations/alerts/channels/mail";
import { send } from "../../../lib/operations/alerts/send";
import type { Channel, ChannelKind } from "../../../lib/store/records/alert-channels";
import { testAsRoot } from "../../support/skip";

const message: AlertMessage = {
  version: 1,
  id: "0123456789abcdef0123456789abcdef",
  event: "vault.sealed",
  phase: "raised",
  severity: "critical",
  instance: "default",
  host: "host-1",
  at: "2026-11-12T10:00:00.000Z",
  summary: "Vault is sealed.",
  fix: "openclaw-openrouter vault unseal",
};
const channel = (kind: ChannelKind, target: string): Channel => ({
  name: kind,
  kind,
  target,
  added: "2026-11-01T00:00:00.000Z",
});

describe("over HTTP", () => {
  let server: Server;
  let port = 0;
  let answer: { status: number; headers?: Record<string, string>; body?: string } | "none" = { status: 200 };
  const received: { request: IncomingMessage; body: string }[] = [];

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      received.push({ request, body: await text(request) });
      if (answer === "none") return response.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => received.splice(0));

  test("a webhook gets the message as JSON", async () => {
    answer = { status: 204 };
    expect(await send(channel("webhook", `http://127.0.0.1:${port}/hook?a=1`), message)).toEqual({
      result: "delivered",
    });
    const [{ request, body } = { request: undefined, body: "" }] = received;
    expect([request?.method, request?.url, request?.headers["content-type"]]).toEqual([
      "POST",
      "/hook?a=1",
      "application/json",
    ]);
    expect(JSON.parse(body).data).toMatchObject(message);
  });

  test.each([
    [{ status: 404 }, { result: "closed", answer: "status 404" }],
    [{ status: 401 }, { result: "closed", answer: "status 401" }],
    [{ status: 400 }, { result: "refused", answer: "status 400" }],
    [{ status: 413 }, { result: "refused", answer: "status 413" }],
    [
      { status: 302, headers: { Location: "http://127.0.0.1:1/" } },
      { result: "closed", answer: "status 302" },
    ],
    [{ status: 500 }, { result: "later", answer: "status 500", afterSeconds: undefined }],
    [{ status: 408 }, { result: "later", answer: "status 408", afterSeconds: undefined }],
    [
      { status: 429, headers: { "Retry-After": "17" } },
      { result: "later", answer: "status 429", afterSeconds: 17 },
    ],
    [
      { status: 429, body: '{"retry_after": 2.5}' },
      { result: "later", answer: "status 429", afterSeconds: 2.5 },
    ],
    [
      { status: 429, body: '{"ok":false,"parameters":{"retry_after":3}}' },
      { result: "later", answer: "status 429", afterSeconds: 3 },
    ],
    [
      { status: 429, headers: { "Retry-After": "nonsense" } },
      { result: "later", answer: "status 429", afterSeconds: undefined },
    ],
  ])("an answer of %j", async (given, expected) => {
    answer = given;
    expect(await send(channel("webhook", `http://127.0.0.1:${port}/hook`), message)).toEqual(expected);
    // A redirect is not followed.
    expect(received).toHaveLength(1);
  });

  test("a date to wait for is a number of seconds", async () => {
    answer = { status: 503, headers: { "Retry-After": new Date(Date.now() + 60_000).toUTCString() } };
    const { afterSeconds } = (await send(channel("webhook", `http://127.0.0.1:${port}/`), message)) as {
      afterSeconds: number;
    };
    expect(afterSeconds).toBeGreaterThan(50);
    expect(afterSeconds).toBeLessThanOrEqual(60);
  });

  test("a connection that fails is tried again, and its answer names no URL", async () => {
    answer = "none";
    const closed = await send(channel("webhook", `http://127.0.0.1:${port}/secret-path`), message);
    const nobody = await send(channel("webhook", "http://127.0.0.1:1/secret-path"), message);
    expect([closed.result, nobody]).toEqual(["later", { result: "later", answer: "ECONNREFUSED" }]);
    expect(JSON.stringify([closed, nobody])).not.toContain("secret-path");
  });
});

describe("by mail", () => {
  let server: SMTPServer;
  let port = 0;
  let refusal: number | undefined;
  const both = ["b@example.org", "c@example.org"];
  let refused = both;
  const received: { from: string; to: string[]; text: string; user: string | undefined; secure: boolean }[] =
    [];

  beforeAll(async () => {
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ["STARTTLS"],
      logger: false,
      onAuth: ({ username, password }, _, done) =>
        password === "right"
          ? done(null, { user: username })
          : done(Object.assign(new Error("no"), { responseCode: 535 })),
      onRcptTo: ({ address }, _, done) =>
        refusal && refused.includes(address)
          ? done(Object.assign(new Error("no"), { responseCode: refusal }))
          : done(),
      async onData(stream, session, done) {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : "",
          to: rcptTo.map(({ address }) => address),
          text: await text(stream),
          user: session.user,
          secure: session.secure,
        });
        done();
      },
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    ({ port } = server.server.address() as AddressInfo);
  });
  afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
  beforeEach(() => {
    received.splice(0);
    refusal = undefined;
    refused = both;
  });
  const to = (login = "") =>
    channel("mail", `smtp://${login}127.0.0.1:${port}/?from=a@example.org&to=b@example.org,c@example.org`);

  test("each receiver gets the message as plain text, with a stable id", async () => {
    expect(await send(to("me:right@"), message)).toEqual({ result: "delivered" });
    const [mail] = received;
    expect(mail).toMatchObject({ from: "a@example.org", to: ["b@example.org", "c@example.org"], user: "me" });
    expect(mail?.text).toContain(`Message-ID: <${message.id}@openclaw-openrouter.invalid>`);
    expect(mail?.text).toMatch(/Content-Type: text\/plain/);
    expect(mail?.text.replace(/\r\n/g, "\n")).toContain(bodyOf(message));
  });

  test("a foreign text adds no header and no receiver", async () => {
    await send(to(), { ...message, event: "x\r\nBcc: evil@example.org", host: "h\nBcc: evil@example.org" });
    expect(received[0]?.to).toHaveLength(2);
    expect(received[0]?.text.split("\r\n\r\n")[0]).not.toMatch(/^Bcc:/m);
  });

  test.each([
    ["refused for good", 550, { result: "closed", answer: "SMTP 550" }],
    ["put off", 451, { result: "later", answer: "SMTP 451" }],
  ])("a receiver that is %s", async (_, code, expected) => {
    refusal = code;
    expect(await send(to(), message)).toEqual(expected);
  });

  test.each([550, 451])(
    "one of two addresses that the server answers %s is reported, and not lost",
    async (code) => {
      refusal = code;
      refused = ["c@example.org"];
      const answer = `SMTP ${code} for one of its addresses`;
      expect(await send(to(), message)).toEqual({ result: "refused", answer });
      expect(received.map((mail) => mail.to)).toEqual([["b@example.org"]]);
    },
  );

  test("a wrong password is in no message", async () => {
    const delivery = await send(to("me:wrong-password@"), message);
    expect(delivery).toEqual({ result: "closed", answer: "SMTP 535" });
  });

  test("nothing is sent to a server that is not this host's and has no TLS", async () => {
    // The name leads to this host, and does not say so.
    const target = mailTarget(new URL(`smtp://127.0.0.1:${port}/?from=a@example.org`));
    if (typeof target === "string") throw new Error(target);
    const lookedUp = { ...target, host: "127.0.0.1.", login: undefined };
    expect((await sendMail(lookedUp, message, 5000)).result).toBe("later");
    expect(received).toEqual([]);
  });
});

describe("by a program", () => {
  const folder = mkdtempSync(join(tmpdir(), "alert-command-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const program = (script: string) => {
    const path = join(folder, "tell");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };

  test("it gets the message on its standard input, and its arguments without a shell", async () => {
    const path = program(`cat >"${folder}/got"; printf '%s|' "$@" >"${folder}/args"`);
    expect(await send(channel("command", `${path} --to a;b $HOME`), message)).toEqual({
      result: "delivered",
    });
    expect(JSON.parse(readFileSync(join(folder, "got"), "utf8"))).toEqual(message);
    expect(readFileSync(join(folder, "args"), "utf8")).toBe("--to|a;b|$HOME|");
  });

  test("it gets no secret of the environment", async () => {
    process.env.OPENROUTER_API_KEY = "sk-or-v1-secret";
    await send(channel("command", program(`cat >/dev/null; env >"${folder}/env"`)), message);
    delete process.env.OPENROUTER_API_KEY;
    expect(readFileSync(join(folder, "env"), "utf8")).not.toContain("sk-or-v1-secret");
  });

  test("a failure is tried again", async () => {
    expect(await send(channel("command", program("cat >/dev/null; exit 3")), message)).toEqual({
      result: "later",
      answer: "exit code 3",
    });
  });

  testAsRoot("root does not run what another user can exchange", async () => {
    const path = program(`touch "${folder}/ran"`);
    chmodSync(path, 0o777);
    expect(await send(channel("command", path), message)).toMatchObject({
      result: "refused",
      answer: expect.stringContaining(path),
    });
    expect(() => readFileSync(join(folder, "ran"))).toThrow();
  });
});

test("the title names what, which instance and which host", () => {
  expect(titleOf(message)).toBe("Alert: vault.sealed (OpenClaw's OpenRouter, default on host-1)");
  expect(titleOf({ ...message, phase: "resolved" })).toMatch(/^Resolved: /);
});
