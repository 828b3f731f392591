import { request } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { isLoopbackHex, tcpSockets } from "../core/sockets";
import { type EngineApi, EngineError } from "./engine-api";

const created = z.object({ Id: z.string() });

/** A port of a container, as this user of this host reaches it while it stands. */
export interface ContainerRelay {
  /** On 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Makes a port of a container without any network reachable from this host: each connection is one `nc` in the container.
 * The image has that program: its own busybox's. A port of the
 * loopback is every user's of the host, and a Vault behind it may be one that nobody set up yet: only who runs this gets through.
 */
export async function relayInto(engine: EngineApi, container: string, port: number): Promise<ContainerRelay> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    if (!isOfThisUser(socket)) return void socket.destroy();
    connect(engine, container, port).then(
      (tunnel) => {
        const end = () => {
          socket.destroy();
          tunnel.destroy();
        };
        pipeline(socket, tunnel).catch(end);
        pipeline(tunnel, standardOutput(), socket).catch(end);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return closed(server);
    },
  };
}

/**
 * Whether the other side is, by the kernel's table. It may hold two such sockets, since the loopback has many addresses. One
 * that its program closed already is nobody's, and noted as of uid 0: it does not count.
 */
function isOfThisUser({ localPort, remotePort }: Socket): boolean {
  const others = tcpSockets().filter(
    ({ local, remote }) =>
      local.port === remotePort && remote.port === localPort && isLoopbackHex(local.address),
  );
  return others.length > 0 && others.every(({ uid, inode }) => uid === process.getuid?.() && inode !== "0");
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** Starts `nc` in the container; what is returned is its input, and frames of both its outputs. */
async function connect(engine: EngineApi, container: string, port: number): Promise<Socket> {
  const { Id } = created.parse(
    await engine.call("POST", `/containers/${encodeURIComponent(container)}/exec`, {
      body: {
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Cmd: ["nc", "127.0.0.1", String(port)],
      },
    }),
  );
  const body = JSON.stringify({ Detach: false, Tty: false });
  return new Promise((resolve, reject) => {
    const call = request({
      socketPath: engine.socket,
      method: "POST",
      path: `/exec/${Id}/start`,
      headers: {
        Host: "docker",
        Connection: "Upgrade",
        Upgrade: "tcp",
        "Content-Type": "application/json",
        "Content-Length": Buffer.byteLength(body),
      },
    });
    call.on("upgrade", (_, socket: Socket, head) => {
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    call.on("response", ({ statusCode = 0 }) => reject(new EngineError(statusCode, "no connection")));
    call.on("error", reject);
    call.end(body);
  });
}

/** Takes the frames of an exec apart, and passes on those of standard output. */
function standardOutput(): Transform {
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 8) {
        const end = 8 + rest.readUInt32BE(4);
        if (rest.length < end) break;
        if (rest[0] === 1) this.push(Buffer.from(rest.subarray(8, end)));
        rest = rest.subarray(end);
      }
      done();
    },
  });
}
