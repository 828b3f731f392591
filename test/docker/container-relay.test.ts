import { spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { relayInto } from "../../lib/docker/container-relay";
import { EngineApi } from "../../lib/docker/engine-api";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

/** Debian's nobody. */
const stranger = 65_534;

/** An engine of which each program that is run in a container says back what it is told. */
class EchoingEngine {
  /** How many were run. */
  runs = 0;
  private readonly server: Server = createServer((_, response) => {
    this.runs += 1;
    response.writeHead(201, { "Content-Type": "application/json" }).end('{"Id":"x"}');
  }).on("upgrade", (_, socket: Socket) => {
    socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
    // Its error output comes first, and is not for the other side.
    const said = (bytes: Buffer) => Buffer.concat([frame(Buffer.from("an error"), 2), frame(bytes)]);
    socket.on("error", () => {}).on("data", (bytes) => socket.write(said(bytes)));
  });

  async listen(): Promise<EngineApi> {
    const path = join(scratchFolder(), "engine.sock");
    await new Promise<void>((resolve) => this.server.listen(path, resolve));
    return new EngineApi(path);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** An output, as an engine frames it. @param output 1 is standard output */
function frame(bytes: Buffer, output = 1): Buffer {
  const head = Buffer.from([output, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

/** Says something to a port, and waits for an answer or the end. */
const client = `
  const [port, from] = process.argv.slice(1);
  const socket = require("node:net").connect({ port: Number(port), host: "127.0.0.1", ...(from ? JSON.parse(from) : {}) });
  socket.on("error", () => process.exit(3)).on("close", () => process.exit(3));
  socket.on("data", (bytes) => { process.stdout.write(bytes); process.exit(0); });
  socket.write("sys/init");
`;

const engine = new EchoingEngine();
let relay: Awaited<ReturnType<typeof relayInto>>;
beforeAll(async () => {
  relay = await relayInto(await engine.listen(), "vault", 8200);
});
afterAll(async () => {
  await relay.close();
  engine.close();
});

/** Speaks to the relay from this process. */
function own(): Promise<{ socket: Socket; answer: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(relay.port, "127.0.0.1");
    socket.on("error", reject).once("data", (bytes) => resolve({ socket, answer: String(bytes) }));
    socket.write("sys/health");
  });
}

test("who runs this reaches the container's port", async () => {
  const { socket, answer } = await own();
  expect(answer).toBe("sys/health");
  socket.destroy();
});

describeAsRoot("another user of the host", () => {
  const strangers = (from?: object) =>
    new Promise<{ code: number | null; out: string }>((resolve, reject) => {
      const child = spawn(
        process.execPath,
        ["-e", client, String(relay.port), ...(from ? [JSON.stringify(from)] : [])],
        { uid: stranger, gid: stranger, cwd: "/", env: {}, stdio: ["ignore", "pipe", "inherit"] },
      );
      let out = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
      });
      child.once("error", reject).once("close", (code) => resolve({ code, out }));
    });

  test("does not, and no program is run for it", async () => {
    const before = engine.runs;
    expect(await strangers()).toEqual({ code: 3, out: "" });
    expect(engine.runs).toBe(before);
  });

  test("nor from another address of the loopback, by the port of a connection that may", async () => {
    const { socket } = await own();
    const before = engine.runs;
    const from = { localAddress: "127.0.0.2", localPort: socket.localPort };
    expect(await strangers(from)).toEqual({ code: 3, out: "" });
    expect(engine.runs).toBe(before);
    socket.destroy();
  });
});
