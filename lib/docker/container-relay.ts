import { request } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { isLoopbackHex, tcpSockets } from "../core/sockets";
import { type EngineApi, EngineError } from "./engine-api";

const created = z.object({ Id: z.string() });

/** A local port by which this user reaches a container's port, until it is closed. */
export interface ContainerRelay {
  /** The port on 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Makes a port of a container without a network reachable from this host: each connection is one `nc` in the container, which
 * the image's busybox has. Every user of the host can reach a loopback port, and the Vault behind it may not be set up yet, so
 * only connections of this user are accepted.
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
 * Whether the other side belongs to this user, by the kernel's table. The table may have two such sockets, since the loopback
 * has many addresses. A socket that its program has closed has no owner and appears as uid 0: it is refused.
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

/** Starts `nc` in the container. @returns a socket: its input, and frames of both its outputs */
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

/** Splits the frames of an exec, and passes on standard output. */
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
