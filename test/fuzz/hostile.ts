import { createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { isFull } from "../e2e/support/full";

/** How many answers are tried: a sample, or as many as `FUZZ_RUNS` says. */
export const fuzzRuns = Number(process.env.FUZZ_RUNS ?? (isFull ? 10_000 : 150));

/** No call waits longer than this for an answer that comes at all, in milliseconds. */
export const inTime = 8000;

/** An answer as it goes over the wire, in parts, and how the connection ends. */
export interface HostileAnswer {
  readonly parts: readonly Buffer[];
  readonly end: "close" | "reset";
}

const unseen = "\u001b]0;owned\u0007\u001b[2J\u202e\u009b31m\u2028\u0000";
const statuses = [
  100, 101, 199, 200, 200, 200, 204, 206, 301, 302, 307, 400, 401, 402, 403, 404, 405, 408, 412, 429,
];
const lateStatuses = [472, 473, 500, 501, 502, 503, 504, 529, 599, 999];

/** Texts that are long in a way that parsers and patterns do not like. */
const long = fc
  .tuple(
    fc.constantFrom("model ", "[", '{"a":', '"', "\\", "a.", " ", "0", unseen, "sk-or-v1-aaaa ", "é"),
    fc.integer({ min: 1, max: 20_000 }),
  )
  .map(([piece, times]) => piece.repeat(times));

const word = fc.oneof(fc.string(), long, fc.constant(unseen), fc.constant("__proto__"), fc.constant("1e999"));

/** What a server puts into an error that means to look like one of the real ones. */
const errors = word.chain((text) =>
  fc.constantFrom(
    { error: { code: 404, message: `model ${text}` } },
    { error: { code: text, message: text, metadata: { raw: text } } },
    { error: text },
    { errors: [text, unseen] },
    { errors: text },
    { message: text },
    { data: null, errors: [] },
    { data: { keys: [text] } },
    { auth: { client_token: unseen } },
  ),
);

/** @param right a whole right answer, of which the malformed ones are made */
function bodies(right: string): fc.Arbitrary<Buffer> {
  return fc.oneof(
    errors.map((error) => Buffer.from(JSON.stringify(error))),
    fc.nat(right.length - 1).map((length) => Buffer.from(right.slice(0, length))),
    fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    word.map((text) => Buffer.from(text)),
    long.map((text) => Buffer.from(JSON.stringify({ data: text }))),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.constant(Buffer.from(`${"[".repeat(50_000)}${"]".repeat(50_000)}`)),
    fc.constant(Buffer.alloc(0)),
  );
}

const headers = fc.subarray([
  "content-type: application/json",
  "content-type: text/event-stream",
  `content-type: ${"x".repeat(2000)}`,
  "transfer-encoding: chunked",
  "content-encoding: gzip",
  "retry-after: 99999999",
  "retry-after: -1",
  "location: http://127.0.0.1:1/",
  "api-version: 1.43",
  "connection: upgrade",
  "upgrade: tcp",
  `x-${"y".repeat(20_000)}: z`,
]);
const lengths = fc.constantFrom<number | "right" | "none">(
  "right",
  "right",
  "right",
  "none",
  0,
  3,
  99_999_999,
);

/** Answers of which none is a right one: HTTP and what is none. */
export function hostileAnswers(right: string): fc.Arbitrary<HostileAnswer> {
  const http = fc
    .tuple(fc.constantFrom(...statuses, ...lateStatuses), headers, lengths, bodies(right))
    .map(([status, lines, length, body]) => {
      const stated =
        length === "none" ? [] : [`content-length: ${length === "right" ? body.length : length}`];
      const head = [`HTTP/1.1 ${status} ${"?"}`, ...lines, ...stated, "", ""].join("\r\n");
      return Buffer.concat([Buffer.from(head), body]);
    });
  const none = fc.oneof(
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    word.map((text) => Buffer.from(`HTTP/1.1 200 OK\r\n${text}`)),
    fc.constant(Buffer.from("SSH-2.0-OpenSSH_9.6\r\n")),
    fc.constant(Buffer.alloc(0)),
  );
  return fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: http }, none),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("close", "close", "reset"),
    )
    .map(([whole, count, end]) => ({ parts: split(whole, count), end: end as HostileAnswer["end"] }));
}

function split(whole: Buffer, count: number): Buffer[] {
  const size = Math.max(1, Math.ceil(whole.length / count));
  return Array.from({ length: count }, (_, index) => whole.subarray(index * size, (index + 1) * size));
}

/** A server on loopback, or on a Unix socket, that gives each connection the answer that is set. */
export class HostileServer {
  answer: HostileAnswer = { parts: [], end: "close" };
  private readonly server: Server = createServer((socket) => this.serve(socket));
  private readonly sockets = new Set<Socket>();
  private isTcp = true;

  async listen(path?: string): Promise<number> {
    this.isTcp = path === undefined;
    await new Promise<void>((resolve) =>
      path ? this.server.listen(path, resolve) : this.server.listen(0, "127.0.0.1", resolve),
    );
    const address = this.server.address();
    return typeof address === "object" && address ? address.port : 0;
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => {}).on("close", () => this.sockets.delete(socket));
    const { parts, end } = this.answer;
    socket.once("data", () => {
      for (const part of parts) socket.write(part);
      if (end === "reset") setImmediate(() => (this.isTcp ? socket.resetAndDestroy() : socket.destroy()));
      else socket.end();
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** What a call came to: a value, or what it threw; a call that does not end is a failure of the test. */
export async function cameTo(call: () => Promise<unknown>): Promise<{ value: unknown } | { error: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("it hangs")), inTime);
  });
  try {
    return await Promise.race([
      call().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
